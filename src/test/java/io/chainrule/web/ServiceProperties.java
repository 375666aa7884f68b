package io.chainrule.web;

import java.io.IOException;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.ApplicationContext;

/** The properties of our own that the service reads, with their defaults: those of records that are bound, and those that sources name. */
public final class ServiceProperties {
    /** What the documents say where there is no default. */
    private static final String NONE = "none";
    private static final Pattern IN_SOURCES = Pattern
            .compile("(?:\\$\\{|@ConditionalOn\\w*Property\\(\")(chainrule\\.[\\w.-]+)(?::([^}\"]*))?[}\"]");
    private static final Pattern IN_LOGGING = Pattern.compile("source=\"(chainrule\\.[\\w.-]+)\"()");

    private ServiceProperties() {}

    public static SortedMap<String, String> defaults(ApplicationContext context) throws IOException {
        SortedMap<String, String> defaults = new TreeMap<>();
        for (Map.Entry<String, Object> bean : context.getBeansWithAnnotation(ConfigurationProperties.class).entrySet()) {
            String prefix = Objects.requireNonNull(context.findAnnotationOnBean(bean.getKey(), ConfigurationProperties.class)).value();
            if (prefix.startsWith("chainrule")) {
                for (Parameter parameter : bean.getValue().getClass().getDeclaredConstructors()[0].getParameters()) {
                    DefaultValue set = parameter.getAnnotation(DefaultValue.class);
                    defaults.put(prefix + "." + DataObjectPropertyName.toDashedForm(parameter.getName()),
                            set == null || set.value().length == 0 ? NONE : set.value()[0]);
                }
            }
        }
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source : sources.filter(file -> file.toString().endsWith(".java")).toList()) {
                add(defaults, IN_SOURCES, source);
            }
        }
        add(defaults, IN_LOGGING, Path.of("src/main/resources/logback-spring.xml"));
        return defaults;
    }

    private static void add(SortedMap<String, String> defaults, Pattern pattern, Path source) throws IOException {
        pattern.matcher(Files.readString(source)).results().forEach(found -> defaults.put(found.group(1), orNone(found.group(2))));
    }

    private static String orNone(@Nullable String value) {
        return value == null || value.isEmpty() ? NONE : value;
    }

    /** The properties that stand in the first cells of a document's tables, with the first word of the cell beside each. */
    static SortedMap<String, String> told(Path document, String prefix) throws IOException {
        SortedMap<String, String> told = new TreeMap<>();
        Pattern.compile("^\\| `(" + Pattern.quote(prefix) + "[\\w.-]+)` \\| ([^ ;]+).*", Pattern.MULTILINE)
                .matcher(Files.readString(document)).results().forEach(row -> told.put(row.group(1), row.group(2)));
        return told;
    }
}
