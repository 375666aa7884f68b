package io.chainrule.service.models;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.DeclaredShape;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An input that each call of a model gives.
 *
 * @param shape its lengths and the names of its free axes; null if it may have any shape
 * @param range the least and the largest value that make sense; null if all do
 * @param text what it is
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ModelInput(String name, @Nullable List<Object> shape, @Nullable List<Double> range, @Nullable String text) {
    public @Nullable DeclaredShape declared() {
        return shape == null ? null : new DeclaredShape(shape);
    }

    /** The shapes of those inputs that have one. */
    static Map<String, DeclaredShape> declared(Collection<ModelInput> inputs) {
        Map<String, DeclaredShape> declared = new LinkedHashMap<>();
        for (ModelInput input : inputs) {
            DeclaredShape shape = input.declared();
            if (shape != null) {
                declared.put(input.name(), shape);
            }
        }
        return declared;
    }

    /**
     * Notes a problem for each input whose value the model keeps and of which a range or a text is given, since these are stored only of
     * inputs that calls give. A shape may be declared of any input.
     */
    static void checkKeptNotDescribed(Collection<ModelInput> inputs, Set<String> kept, Problems problems) {
        inputs.stream().filter(input -> kept.contains(input.name())).forEach(input -> Stream
                .of(input.range == null ? null : "range", input.text == null ? null : "text").filter(Objects::nonNull)
                .forEach(field -> problems.add(Problem
                        .of(ProblemCode.INVALID_VALUE, "the model keeps a value of '" + input.name() + "'; a " + field
                                + " is told of inputs that each call gives")
                        .at(Place.setting("declares", input.name(), field)).expected("no '" + field + "'", "a value")
                        .hint("say it in the description"))));
    }

    /** This input; the shape, range and text that it lacks are those of {@code other}. */
    ModelInput over(ModelInput other) {
        return new ModelInput(name, shape == null ? other.shape : shape, range == null ? other.range : range,
                text == null ? other.text : text);
    }

    ModelInput withShape(@Nullable DeclaredShape other) {
        return new ModelInput(name, other == null ? null : other.axes(), range, text);
    }
}
