package io.chainrule.core.expression;

/** Where an evaluation stands among the nodes of a tree, and where the expression that it evaluates ends. */
final class TreeWalk {
    private final SyntaxTree tree;
    private int at;
    private int end;

    TreeWalk(SyntaxTree tree) {
        this.tree = tree;
    }

    void moveTo(int node, int behindLast) {
        at = node;
        end = behindLast;
    }

    boolean isAtEnd() {
        return at == end;
    }

    /** Whether a node of this kind is next. */
    boolean isAt(Syntax kind) {
        return at < end && tree.kind(at) == kind;
    }

    int at() {
        return at;
    }

    int end() {
        return end;
    }

    /** The next node, which is passed. */
    int next() {
        return at++;
    }
}
