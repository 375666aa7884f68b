package io.chainrule.web.v1.pictures;

import io.chainrule.core.tensor.Tensor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a request as text. Equal requests have the same text if their inputs have the same order, since the gradients of the answer have
 * that order too; other requests have other texts. It is written with numbers as they are read, and with defaults where nothing was given.
 * Records are written by their components, arrays with all elements.
 */
final class CanonicalText {
    private final StringBuilder out = new StringBuilder();

    private CanonicalText() {}

    static String of(@Nullable Object... asked) {
        CanonicalText text = new CanonicalText();
        for (Object each : asked) {
            text.write(each);
        }
        return text.out.toString();
    }

    private void write(@Nullable Object value) {
        switch (value) {
            case null -> out.append("null;");
            case Tensor tensor -> {
                write(tensor.shape().toString());
                for (double element : tensor.data()) {
                    out.append(element).append(',');
                }
            }
            case Map<?, ?> map -> {
                out.append(map.size()).append('{');
                map.forEach((key, each) -> {
                    write(key);
                    write(each);
                });
            }
            case Collection<?> items -> {
                out.append(items.size()).append('[');
                items.forEach(this::write);
            }
            case Record fields -> {
                write(fields.getClass().getSimpleName());
                for (RecordComponent field : fields.getClass().getRecordComponents()) {
                    write(component(fields, field));
                }
            }
            default -> {
                // The length in front tells where a text ends that a client wrote.
                String text = value.toString();
                out.append(text.length()).append(':').append(text);
            }
        }
    }

    private static @Nullable Object component(Record fields, RecordComponent field) {
        try {
            field.getAccessor().setAccessible(true);
            return field.getAccessor().invoke(fields);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(field.toString(), e);
        }
    }
}
