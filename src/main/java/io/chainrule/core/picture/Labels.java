package io.chainrule.core.picture;

import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What is known of the parts of a circuit after the steps that are shown, as text. */
record Labels(PictureOptions options, NumberText numbers) {
    static Labels of(PictureOptions options) {
        return new Labels(options, new NumberText(options.digits()));
    }

    @Nullable
    Tensor value(Part part) {
        return options.step() == null || part.valueStep() <= options.step() ? part.value() : null;
    }

    @Nullable
    Tensor gradient(Part part) {
        return options.step() == null || part.gradientStep() <= options.step() ? part.gradient() : null;
    }

    /**
     * A number, or the shape of an array whose numbers are shown elsewhere; empty where nothing is known. An array of one element is
     * written as its number: in brackets it would look like a shape.
     */
    String text(@Nullable Tensor value) {
        if (value == null) {
            return "";
        }
        return value.length() == 1 ? numbers.rounded(value.item()) : value.shape().toString();
    }

    /** The same with the numbers of small arrays. */
    String inline(@Nullable Tensor value) {
        return value == null || value.length() == 1 || value.length() == 0 ? text(value) : numbers.inline(value);
    }

    /** All that is known of a part, with all digits, one line each. */
    String tooltip(Part part) {
        StringBuilder text = new StringBuilder(part.id()).append(" = ").append(part.op());
        text.append(part.shape().isScalar() ? "" : " " + part.shape()).append(part.note().isEmpty() ? "" : "\n" + part.note());
        Tensor value = value(part);
        Tensor gradient = gradient(part);
        text.append(value == null ? "" : "\n" + language().text("picture.part.value", NumberText.full(value)) + undefined(value));
        return text.append(gradient == null
                ? ""
                : "\n" + language().text("picture.part.gradient", NumberText.full(gradient)) + undefined(gradient)).toString();
    }

    /** What the crosses in the cells of an array say; empty where there are none. */
    String undefined(Tensor array) {
        long count = Arrays.stream(array.data()).filter(Double::isNaN).count();
        return count == 0 || Cells.of(array, numbers).undefined().isEmpty()
                ? ""
                : "\n" + language().text("picture.part.undefined", String.valueOf(count), String.valueOf(array.length()));
    }

    Language language() {
        return options.language();
    }
}
