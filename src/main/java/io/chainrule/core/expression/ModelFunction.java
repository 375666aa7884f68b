package io.chainrule.core.expression;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.Map;

/** A program of its own that texts call by a name. */
public interface ModelFunction {
    /** The inputs that each call gives, in the order of its arguments. */
    List<String> inputs();

    /**
     * The program for inputs of these shapes; of an input whose shape is not known there is none. Its graph may have other inputs, whose
     * values are kept with it.
     *
     * @throws io.chainrule.core.graph.ProblemException if the shapes do not fit, or if one is needed that is not known
     * @throws io.chainrule.core.graph.LimitException for limit "nodes"
     */
    NamedGraph graph(Map<String, Shape> shapes, Allowance allowance);
}
