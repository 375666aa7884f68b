package io.chainrule.service.models;

import io.chainrule.core.Program;
import io.chainrule.core.expression.TextParts;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.run.Query;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A version that is to be stored.
 *
 * @param query the program, and the values that are to be kept as its inputs and parameters
 * @param inputs what is said of inputs that each call gives
 * @param samples the shape of one sample for each input of a batch, or of one row for each that comes from columns; used if the
 *        program cannot be stored without shapes
 * @param outputs what nodes of the program are, by id
 * @param calls the models that the program calls, by the references in it
 * @param isTrained whether values that the program does not read are left out; otherwise they are mistakes
 * @param base the model that is stored again, with other words or under another name; null if the program is given
 */
public record NewModel(Query query, List<ModelInput> inputs, Map<String, Shape> samples, Map<String, String> outputs,
        @Nullable String description, @Nullable String licence, List<String> tags, Map<String, Model> calls, boolean isTrained,
        @Nullable Model base) {

    /**
     * A training takes second names of inputs, but a model keeps values by the names of inputs. Throws {@link ProblemException} if a value
     * that is trained would be lost.
     *
     * @param kept the names of the values that are kept
     */
    void checkTrained(Program program, Set<String> kept) {
        List<String> wrt = query.wrt();
        if (isTrained && wrt != null) {
            Set<String> given = program.parts().map(TextParts::given).orElse(Set.of());
            List<Problem> lost = wrt.stream().filter(name -> !kept.contains(name) && given.contains(name))
                    .map(name -> Problem.of(ProblemCode.INVALID_VALUE, "'" + name + "' is no input, and a model keeps inputs alone")
                            .node(name)
                            .at(Place.setting("wrt").item(wrt.indexOf(name))).expected("names of inputs", name)
                            .hint("write the input that '" + name + "' is another name of"))
                    .toList();
            if (!lost.isEmpty()) {
                throw new ProblemException(lost);
            }
        }
    }
}
