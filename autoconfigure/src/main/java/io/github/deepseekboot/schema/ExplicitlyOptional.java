package io.github.deepseekboot.schema;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.asm.AnnotationVisitor;
import org.springframework.asm.ClassReader;
import org.springframework.asm.ClassVisitor;
import org.springframework.asm.FieldVisitor;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.Opcodes;
import org.springframework.asm.SpringAsmInfo;
import org.springframework.asm.Type;
import org.springframework.util.ConcurrentReferenceHashMap;

/**
 * Finds {@code @JsonProperty(required = false)}. Reflection cannot tell it from an
 * annotation that says nothing of it, the bytes of the class can.
 */
final class ExplicitlyOptional {

	private static final String ANNOTATION = Type.getDescriptor(JsonProperty.class);

	private static final Map<Class<?>, Set<String>> FIELDS = new ConcurrentReferenceHashMap<>();

	private ExplicitlyOptional() {
	}

	/**
	 * Return the fields that may be missing.
	 * @param type the class that declares them
	 * @return their names; empty where the bytes of the class are not to be had
	 */
	static Set<String> fields(Class<?> type) {
		return FIELDS.computeIfAbsent(type, ExplicitlyOptional::read);
	}

	private static Set<String> read(Class<?> type) {
		String name = type.getName();
		try (InputStream bytes = type.getResourceAsStream(name.substring(name.lastIndexOf('.') + 1) + ".class")) {
			if (bytes == null) {
				return Set.of();
			}
			FieldCollector fields = new FieldCollector();
			new ClassReader(bytes).accept(fields, ClassReader.SKIP_CODE | ClassReader.SKIP_FRAMES);
			return fields.found;
		}
		catch (IOException | IllegalArgumentException ex) {
			return Set.of();
		}
	}

	/**
	 * Collects the names of fields, and of parameters of constructors.
	 */
	private static final class FieldCollector extends ClassVisitor {

		private final Set<String> found = new HashSet<>();

		FieldCollector() {
			super(SpringAsmInfo.ASM_VERSION);
		}

		@Override
		public FieldVisitor visitField(int access, String name, String descriptor, @Nullable String signature,
				@Nullable Object value) {
			return new FieldVisitor(SpringAsmInfo.ASM_VERSION) {

				@Override
				public @Nullable AnnotationVisitor visitAnnotation(String type, boolean visible) {
					return type.equals(ANNOTATION) ? required(name) : null;
				}

			};
		}

		@Override
		public @Nullable MethodVisitor visitMethod(int access, String name, String descriptor,
				@Nullable String signature, String @Nullable [] exceptions) {
			return name.equals("<init>") ? new ConstructorVisitor() : null;
		}

		private AnnotationVisitor required(String name) {
			return new AnnotationVisitor(SpringAsmInfo.ASM_VERSION) {

				@Override
				public void visit(String attribute, Object value) {
					if (attribute.equals("required") && Boolean.FALSE.equals(value)) {
						FieldCollector.this.found.add(name);
					}
				}

			};
		}

		/**
		 * Parameters are named by {@code -parameters}.
		 */
		private final class ConstructorVisitor extends MethodVisitor {

			private final List<String> names = new ArrayList<>();

			ConstructorVisitor() {
				super(SpringAsmInfo.ASM_VERSION);
			}

			@Override
			public void visitParameter(String name, int access) {
				if ((access & (Opcodes.ACC_SYNTHETIC | Opcodes.ACC_MANDATED)) == 0) {
					this.names.add(name);
				}
			}

			@Override
			public @Nullable AnnotationVisitor visitParameterAnnotation(int parameter, String type, boolean visible) {
				return (type.equals(ANNOTATION) && parameter < this.names.size()) ? required(this.names.get(parameter))
						: null;
			}

		}

	}

}
