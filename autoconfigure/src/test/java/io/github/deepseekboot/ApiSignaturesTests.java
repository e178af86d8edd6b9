package io.github.deepseekboot;

import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the API and the hooks change only on purpose: what they offer is in
 * {@code src/test/api/signatures.txt}. {@code -Dapi.write=true} writes the list anew, for
 * a commit that means to change it.
 */
class ApiSignaturesTests {

	private static final Path LIST = Path.of("src/test/api/signatures.txt");

	private static final String ROOT = "io.github.deepseekboot";

	private static final List<String> PACKAGES = List.of(ROOT, ROOT + ".chat", ROOT + ".conversation", ROOT + ".hook",
			ROOT + ".kotlin", ROOT + ".schema", ROOT + ".structured", ROOT + ".tool");

	@Test
	void theListIsThatOfTheCode() throws IOException {
		List<String> signatures = signatures();
		if (Boolean.getBoolean("api.write")) {
			Files.createDirectories(LIST.getParent());
			Files.write(LIST, signatures);
		}
		Set<String> listed = new LinkedHashSet<>(Files.readAllLines(LIST));
		List<String> gone = listed.stream().filter((line) -> !signatures.contains(line)).toList();
		List<String> added = signatures.stream().filter((line) -> !listed.contains(line)).toList();
		assertThat(gone.isEmpty() && added.isEmpty())
			.as("The API is not what src/test/api/signatures.txt lists. If that is meant, run%n"
					+ "mvn -pl autoconfigure test -Dtest=ApiSignaturesTests -Dapi.write=true%n"
					+ "and commit the list.%nGone:%n  %s%nAdded:%n  %s", String.join("\n  ", gone),
					String.join("\n  ", added))
			.isTrue();
	}

	@Test
	void noRecordOfTheApiHasMoreThanSixComponents() {
		assertThat(types().filter(Class::isRecord)).isNotEmpty()
			.allSatisfy(
					(type) -> assertThat(type.getRecordComponents()).as(type.getName()).hasSizeLessThanOrEqualTo(6));
	}

	private static List<String> signatures() {
		List<String> signatures = new ArrayList<>();
		types().sorted(Comparator.comparing(Class::getName)).forEach((type) -> {
			signatures.add(declaration(type) + parents(type));
			Set<String> members = new TreeSet<>();
			Stream<Field> fields = Arrays.stream(type.getDeclaredFields());
			Stream<Executable> executables = Stream.concat(Arrays.stream(type.getDeclaredConstructors()),
					Arrays.stream(type.getDeclaredMethods()));
			fields.filter(ApiSignaturesTests::isVisible).forEach((field) -> members.add(field.toGenericString()));
			executables.filter(ApiSignaturesTests::isVisible)
				.forEach((executable) -> members.add(executable.toGenericString()));
			members.forEach((member) -> signatures.add("  " + member));
		});
		return signatures;
	}

	// older JDKs leave out that a type is sealed
	private static String declaration(Class<?> type) {
		String modifiers = type.isSealed() ? "sealed " : "";
		return modifiers + type.toGenericString().replaceFirst("\\b(non-)?sealed ", "");
	}

	private static String parents(Class<?> type) {
		String superclass = (type.getSuperclass() == null || type.getSuperclass() == Object.class) ? ""
				: " extends " + type.getGenericSuperclass().getTypeName();
		List<String> interfaces = Arrays.stream(type.getGenericInterfaces())
			.map((parent) -> parent.getTypeName())
			.sorted()
			.toList();
		return superclass + (interfaces.isEmpty() ? "" : " implements " + String.join(", ", interfaces));
	}

	private static Stream<Class<?>> types() {
		return new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
			.importPackages(ROOT)
			.stream()
			.filter((type) -> PACKAGES.contains(type.getPackageName()) && !type.getName().matches(".*\\$(\\d|\\$).*"))
			.<Class<?>>map(JavaClass::reflect)
			.filter((type) -> isReachable(type) && !type.isSynthetic());
	}

	private static boolean isReachable(Class<?> type) {
		return (Modifier.isPublic(type.getModifiers()) || Modifier.isProtected(type.getModifiers()))
				&& (type.getDeclaringClass() == null || isReachable(type.getDeclaringClass()));
	}

	private static boolean isVisible(Member member) {
		return (Modifier.isPublic(member.getModifiers()) || Modifier.isProtected(member.getModifiers()))
				&& !member.isSynthetic();
	}

}
