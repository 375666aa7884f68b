package io.chainrule.core.training;

import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Attributes;
import io.chainrule.core.op.Catalogue;
import io.chainrule.core.op.Definition;
import io.chainrule.core.op.Wording;
import java.util.Map;
import java.util.Objects;

/** The parts of a training that are chosen by a type and its options. */
final class Parts {
    private Parts() {}

    /**
     * Creates a part. Throws {@link ProblemException}, with the place of every problem, if there is no such type, or if it does not
     * accept the options.
     */
    static <T> T make(Catalogue<Definition<T>> catalogue, String type, Map<String, ?> options) {
        Place.OfPart place = Place.setting(catalogue.kind());
        Definition<T> definition = catalogue.find(type);
        if (definition == null) {
            // A request may give the type alone in place of an object, and then there is no member "type" to point to.
            throw new ProblemException(
                    catalogue.unknown(ProblemCode.INVALID_VALUE, type).at(options.isEmpty() ? place : place.part("type")));
        }
        try {
            return definition.factory()
                    .apply(new Attributes(catalogue.kind() + " " + type, Wording.OPTION, definition.options(), options));
        } catch (ProblemException e) {
            throw new ProblemException(
                    e.problems().stream().map(problem -> problem.at(place.part(Objects.requireNonNull(problem.attribute())))).toList());
        }
    }

    static Attribute learningRate(double defaultValue) {
        return Attribute.number("lr", defaultValue, "the learning rate, before any schedule").atLeast(0);
    }

    static Attribute weightDecay(double defaultValue, String description) {
        return Attribute.number("weight_decay", defaultValue, description).atLeast(0);
    }

    /** A number of at least 0, whose default is 0. */
    static Attribute fromZero(String name, String description) {
        return Attribute.number(name, 0, description).atLeast(0);
    }

    static Attribute eps(double defaultValue) {
        return Attribute.number("eps", defaultValue, "added to what is divided by").atLeast(0);
    }
}
