package io.chainrule.core.expression;

/** JSON Pointers (RFC 6901) into the graph form of a program. */
final class GraphPointer {
    static final String OUTPUT = "/graph/output";
    static final String NODES = "/graph/nodes";

    private GraphPointer() {}

    /** Some part of the node at this position of the list. */
    static String of(int node, Object... path) {
        StringBuilder pointer = new StringBuilder(NODES).append('/').append(node);
        for (Object step : path) {
            pointer.append('/').append(step.toString().replace("~", "~0").replace("/", "~1"));
        }
        return pointer.toString();
    }
}
