package io.chainrule.service.program;

import io.chainrule.core.Signature;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Query;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A query about one of the samples of another query.
 *
 * @param number that of the sample, from 0
 * @param entry the name of the entry in it
 */
record OneSample(Query query, int number, String entry) {
    private static final Pattern FIRST_INDEX = Pattern.compile("\\s*(-?[0-9]{1,9})\\s*(,.*)?", Pattern.DOTALL);
    private static final int LONGEST_QUOTE = 100;

    /** The sample that the first index of an entry names, as in {@code x[2,0]}; {@link ProblemException} where it names none. */
    static OneSample of(Query query, String entry) {
        int length = length(query);
        String text = entry.strip();
        int open = text.lastIndexOf('[');
        Matcher index = FIRST_INDEX.matcher(open > 0 && text.endsWith("]") ? text.substring(open + 1, text.length() - 1) : "");
        int given = index.matches() ? Integer.parseInt(index.group(1)) : length;
        int number = given < 0 ? given + length : given;
        if (number < 0 || number >= length) {
            String quoted = text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "…";
            throw new ProblemException(Problem
                    .of(ProblemCode.INVALID_VALUE, "with 'batch' the first index of an entry names one of the " + length + " samples, and '"
                            + quoted + "' names none")
                    .at(Place.setting("entry")).expected("a first index below " + length, quoted)
                    .hint("write the name, the sample and one index for each axis, as x[2,0]"));
        }
        String rest = index.group(2) == null ? "" : "[" + index.group(2).substring(1) + "]";
        return new OneSample(sample(query, number), number, text.substring(0, open) + rest);
    }

    private static int length(Query query) {
        return query.batch().inputs().stream().map(query.inputs()::get).filter(value -> value != null && value.shape().rank() > 0)
                .mapToInt(value -> value.shape().dim(0)).findFirst().orElse(0);
    }

    private static Query sample(Query query, int number) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(query.inputs());
        for (String name : query.batch().inputs()) {
            inputs.computeIfPresent(name, (_, all) -> {
                if (all.shape().isScalar() || number >= all.shape().dim(0)) {
                    return all;
                }
                Shape shape = all.shape().without(0);
                return Tensor.of(shape, Arrays.copyOfRange(all.data(), number * shape.length(), (number + 1) * shape.length()));
            });
        }
        return query.withInputs(inputs).withBatch(Signature.Batch.NONE);
    }
}
