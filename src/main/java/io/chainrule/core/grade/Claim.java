package io.chainrule.core.grade;

/**
 * A line that claims to be a derivative.
 *
 * @param of the node that is differentiated
 * @param by the node that it is differentiated by
 * @param isLocal whether {@code of} is another node than the output
 */
record Claim(Line line, int of, int by, boolean isLocal) {
    int node() {
        return line.node();
    }
}
