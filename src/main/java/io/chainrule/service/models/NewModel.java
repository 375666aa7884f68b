package io.chainrule.service.models;

import io.chainrule.core.Program;
import io.chainrule.core.Source;
import io.chainrule.core.StoredForm;
import io.chainrule.core.StoredProgram;
import io.chainrule.core.expression.TextParts;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.DeclaredShape;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Query;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.NullNode;

/**
 * A version that is to be stored. If a model is stored again, what the request leaves out of description, licence, tags, outputs and each
 * input's shape, range and text stays as it was. An empty description, licence, list of tags or outputs clears it; what is said of an
 * input can only be replaced.
 *
 * @param query the program, and the values that are to be kept as its inputs and parameters
 * @param inputs what is said of inputs that each call gives
 * @param samples the shape of one sample for each input of a batch, or of one row for each that comes from columns; used if the
 *        program cannot be stored without shapes
 * @param outputs what nodes of the program are, by id; null if the request does not say
 * @param calls the models that the program calls, by the references in it
 * @param data the inputs whose values a training was given and that are not kept, so that each call gives them
 * @param isTrained whether values that the program does not read are left out; otherwise they are mistakes
 * @param base the model that is stored again, with other words or under another name; null if the program is given
 */
public record NewModel(Query query, List<ModelInput> inputs, Map<String, Shape> samples, @Nullable Map<String, String> outputs,
        @Nullable String description, @Nullable String licence, @Nullable List<String> tags, Map<String, Model> calls, Set<String> data,
        boolean isTrained, @Nullable Model base) {

    /** Where the request has the program. */
    Place place() {
        return base == null ? query.source().place() : Place.setting("model");
    }

    /** What was said so far of the inputs of the model that is stored again, in their order. */
    Map<String, ModelInput> before() {
        Map<String, ModelInput> before = new LinkedHashMap<>();
        if (base != null) {
            base.definition().inputs().forEach(input -> before.put(input.name(), input));
        }
        return before;
    }

    /**
     * What is said of the inputs. Throws {@link ProblemException} if the request says of one what cannot be: a range or a text of a value
     * that is kept, or a shape for which nodes that are stored were not made.
     *
     * @param kept the names of the values that are kept
     */
    Map<String, ModelInput> said(Set<String> kept) {
        Map<String, ModelInput> said = before();
        StoredProgram nodes = base != null && base.program().isOfNodes() ? base.program() : null;
        if (nodes != null) {
            nodes.kept().toMap().forEach((name, shape) -> {
                if (!kept.contains(name)) {
                    said.put(name, new ModelInput(name, List.copyOf(shape.toList()), null, null));
                }
            });
        }
        Problems problems = new Problems();
        ModelInput.checkKeptNotDescribed(inputs, kept, problems);
        inputs.forEach(input -> {
            ModelInput before = said.get(input.name());
            if (before != null && nodes != null) {
                checkShape(before, input, problems);
            }
            said.put(input.name(), before == null ? input : input.over(before));
        });
        problems.throwIfAny();
        return said;
    }

    /** The names of all inputs that have values in a run: those in {@code said}, those in {@code kept}, and the data of a training. */
    Set<String> named(Set<String> said, Set<String> kept) {
        Set<String> named = new LinkedHashSet<>(said);
        named.addAll(kept);
        named.addAll(data);
        return named;
    }

    private static void checkShape(ModelInput before, ModelInput input, Problems problems) {
        DeclaredShape made = before.declared();
        DeclaredShape asked = input.declared();
        if (made != null && asked != null && !made.includes(asked)) {
            problems.add(Problem
                    .of(ProblemCode.SHAPE_MISMATCH, "the model was stored for '" + input.name() + "' of the shape " + made
                            + ", and its nodes may depend on that")
                    .at(Place.setting("declares", input.name(), "shape")).expected(made + ", where free axes may get lengths",
                            asked.toString())
                    .hint("store the program itself with this shape"));
        }
    }

    /** What is said of the model, and what it keeps. */
    ModelDefinition words(StoredForm form, Map<String, Tensor> values) {
        ModelDefinition before = base == null ? null : base.definition();
        Map<String, String> said = outputs;
        if (said == null && before != null) {
            said = new LinkedHashMap<>(before.outputs());
            said.keySet().retainAll(form.names());
        }
        return new ModelDefinition(NullNode.instance, List.of(), null, ModelDefinition.kept(values), said == null ? Map.of() : said,
                text(description, before == null ? null : before.description()), text(licence, before == null ? null : before.licence()),
                tags != null ? tags : before == null ? List.of() : before.tags(), Map.of(), Set.of());
    }

    private static @Nullable String text(@Nullable String said, @Nullable String before) {
        String text = said == null ? before : said;
        return text == null || text.isEmpty() ? null : text;
    }

    /**
     * A training takes second names of inputs, but a model keeps values by the names of inputs. Throws {@link ProblemException} if a value
     * that is trained would be lost.
     *
     * @param kept the names of the values that are kept
     */
    void checkTrained(Program program, Set<String> kept) {
        List<String> wrt = query.wrt();
        if (isTrained && wrt != null) {
            Set<String> given = program.source() instanceof Source.Nodes nodes
                    ? nodes.aliases().keySet()
                    : program.parts().map(TextParts::given).orElse(Set.of());
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

    /**
     * Throws {@link ProblemException} if a value that is trained would be lost, because the form does not read it. This is not checked if
     * the request names an output, which need not depend on all of them.
     */
    void checkIsRead(StoredForm form) {
        List<String> wrt = query.wrt();
        if (wrt != null && query.output() == null) {
            List<Problem> lost = wrt.stream().filter(form.unread()::contains)
                    .map(name -> Problem.of(ProblemCode.INVALID_VALUE, "the model would not read '" + name + "', which is trained")
                            .node(name)
                            .at(Place.setting("wrt").item(wrt.indexOf(name))).expected("names that the program reads", name))
                    .toList();
            if (!lost.isEmpty()) {
                throw new ProblemException(lost);
            }
        }
    }
}
