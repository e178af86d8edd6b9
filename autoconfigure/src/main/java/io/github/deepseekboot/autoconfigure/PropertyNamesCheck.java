package io.github.deepseekboot.autoconfigure;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import io.github.deepseekboot.provider.Suggestions;

/**
 * Check of all properties under {@code deepseek}, which stops the start at a name that
 * nothing reads and at a time without a unit. Environment variables may have any name:
 * {@code DEEPSEEK_API_KEY} is no property.
 */
final class PropertyNamesCheck implements BeanFactoryPostProcessor {

	static final String SWITCH = "deepseek.fail-on-unknown-properties";

	private static final String PREFIX = "deepseek";

	private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of(PREFIX);

	private final Environment environment;

	PropertyNamesCheck(Environment environment) {
		this.environment = environment;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		boolean strict = this.environment.getProperty(SWITCH, Boolean.class, true);
		Node known = Node.of(DeepSeekProperties.class);
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.environment)) {
			if (source instanceof IterableConfigurationPropertySource iterable) {
				boolean variables = source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
				for (ConfigurationPropertyName name : iterable) {
					if (ROOT.isAncestorOf(name)) {
						check(known, iterable, name, strict && !variables, beanFactory);
					}
				}
			}
		}
	}

	// what other classes read below the prefix, of this library or of the application
	private static Set<ConfigurationPropertyName> others(ConfigurableListableBeanFactory beanFactory) {
		Set<ConfigurationPropertyName> others = new TreeSet<>();
		for (String bean : beanFactory.getBeanNamesForAnnotation(ConfigurationProperties.class)) {
			ConfigurationProperties properties = beanFactory.findAnnotationOnBean(bean, ConfigurationProperties.class,
					false);
			if (properties != null) {
				String prefix = MergedAnnotation.from(properties).getString("prefix");
				ConfigurationPropertyName name = ConfigurationPropertyName.adapt(prefix, '.');
				if (ROOT.isAncestorOf(name)) {
					others.add(name);
				}
			}
		}
		return others;
	}

	private void check(Node known, IterableConfigurationPropertySource source, ConfigurationPropertyName name,
			boolean strict, ConfigurableListableBeanFactory beanFactory) {
		Node node = known;
		for (int i = 1; i < name.getNumberOfElements(); i++) {
			Node next = name.isNumericIndex(i) ? node.element() : node.child(name.getElement(i, Form.UNIFORM));
			if (next == null) {
				// which beans read properties is only looked for where it matters
				if (strict && !isReadByOther(name, beanFactory)) {
					throw unknown(known, node, name, i);
				}
				return;
			}
			if (next.open) {
				return;
			}
			node = next;
		}
		if (node.type == Duration.class) {
			checkUnit(source, name);
		}
	}

	private static boolean isReadByOther(ConfigurationPropertyName name, ConfigurableListableBeanFactory beanFactory) {
		return others(beanFactory).stream().anyMatch((other) -> other.equals(name) || other.isAncestorOf(name));
	}

	private void checkUnit(IterableConfigurationPropertySource source, ConfigurationPropertyName name) {
		Object written = Objects.requireNonNull(source.getConfigurationProperty(name)).getValue();
		String value = this.environment.resolvePlaceholders(String.valueOf(written)).strip();
		if (value.matches("\\d+") && !value.matches("0+")) {
			throw new InvalidDeepSeekConfigurationException(name.toString(),
					"the time " + value + " has no unit, and would be " + value + " ms",
					"Write it with a unit, like " + value + "s or " + value + "ms.");
		}
	}

	private static InvalidDeepSeekConfigurationException unknown(Node root, Node parent, ConfigurationPropertyName name,
			int at) {
		String written = name.getElement(at, Form.DASHED);
		String path = name.chop(at).toString();
		String last = name.getLastElement(Form.DASHED);
		String meant = Suggestions.closest(written, parent.children().keySet());
		if (meant != null) {
			ConfigurationPropertyName rest = name.subName(at + 1);
			meant = path + "." + meant + (rest.isEmpty() ? "" : "." + rest);
		}
		else {
			List<String> found = new ArrayList<>();
			root.find(last, PREFIX, found);
			meant = found.isEmpty() ? null : found.get(0);
		}
		String cure = (meant != null) ? "Did you mean " + meant + "?"
				: "Known properties below " + path + " are " + parent.children().keySet() + ".";
		return new InvalidDeepSeekConfigurationException(name.toString(), "there is no such property",
				cure + " To ignore unknown properties, set " + SWITCH + "=false.");
	}

	/**
	 * All names that can be bound, written as in the reference.
	 * @return the names, with {@code *} for a key that is chosen by the application
	 */
	static Collection<String> names() {
		Set<String> names = new TreeSet<>();
		Node.of(DeepSeekProperties.class).collect(PREFIX, names);
		return names;
	}

	/**
	 * A place in the tree of names.
	 */
	private static final class Node {

		private final @Nullable Class<?> type;

		private final boolean open;

		private @Nullable Node any;

		private @Nullable Map<String, Node> children;

		private Node(@Nullable Class<?> type, boolean open) {
			this.type = type;
			this.open = open;
		}

		static Node of(Type type) {
			if (type instanceof ParameterizedType parameterized) {
				if (parameterized.getRawType() == Map.class) {
					Type value = parameterized.getActualTypeArguments()[1];
					Node node = new Node(null, value == Object.class);
					node.any = of(value);
					return node;
				}
				return new Node(null, true);
			}
			return new Node((Class<?>) type, false);
		}

		// most of the tree is in no application's properties
		Map<String, Node> children() {
			Map<String, Node> children = this.children;
			if (children == null) {
				children = new LinkedHashMap<>();
				if (this.type != null && this.type.isRecord()) {
					for (RecordComponent component : this.type.getRecordComponents()) {
						children.put(name(this.type, component), of(component.getGenericType()));
					}
				}
				this.children = children;
			}
			return children;
		}

		private static String name(Class<?> owner, RecordComponent component) {
			try {
				Name name = owner.getDeclaredField(component.getName()).getAnnotation(Name.class);
				return (name != null) ? name.value() : DataObjectPropertyName.toDashedForm(component.getName());
			}
			catch (NoSuchFieldException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@Nullable Node element() {
			return this.open ? this : this.any;
		}

		@Nullable Node child(String uniform) {
			for (Map.Entry<String, Node> child : children().entrySet()) {
				if (child.getKey().replace("-", "").equals(uniform)) {
					return child.getValue();
				}
			}
			return this.any;
		}

		void find(String last, String path, List<String> found) {
			children().forEach((name, child) -> {
				if (name.equals(last)) {
					found.add(path + "." + name);
				}
				child.find(last, path + "." + name, found);
			});
			if (this.any != null) {
				this.any.find(last, path + (path.endsWith(".providers") ? ".deepseek" : ".chat"), found);
			}
		}

		void collect(String path, Collection<String> names) {
			if (children().isEmpty() && this.any == null || this.open) {
				names.add(path);
			}
			children().forEach((name, child) -> child.collect(path + "." + name, names));
			if (this.any != null && !this.open) {
				names.add(path);
				this.any.collect(path + ".*", names);
			}
		}

	}

}
