package io.chainrule.core.expression;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which names may mean the same array in NumPy, or parts of one, so that an assignment such as {@code z += 1} to one of them changes the
 * others. Arrays that may share elements are in one group (Tarjan 1975), whatever makes them share: a slice, a list that holds another
 * array, a condition that chooses between two. Of a program without such an assignment nothing is kept.
 */
final class Memory {
    private final NodeWriter writer;
    private final boolean isKept;
    /** The parent of each array in its group; the first arrays are those of the nodes, in their order. */
    private final IntList parents = new IntList();
    /** The number of names that mean an array of a group, at the group's root. */
    private final IntList names = new IntList();
    /** The name that an assignment has changed an array of a group by, as its token, at the group's root; 0 for none. */
    private final IntList changes = new IntList();
    private final IntList arrayOfNode = new IntList();
    /** The names that were bound to a copy, in each function whose body is evaluated, the innermost on top. */
    private final Deque<Map<String, Copy>> copies = new ArrayDeque<>();
    /** Whether there may be an array without an axis, which changes in place as a number does not. */
    private boolean hasScalarArrays;
    /** The copies that have been read since a statement of the program ended. */
    private final List<Copy> read = new ArrayList<>();

    /** An array of its own that has the same node as the one from which it was copied. */
    private record Copy(int array, int node) {}

    Memory(NodeWriter writer, boolean isKept) {
        this.writer = writer;
        this.isKept = isKept;
        copies.push(new HashMap<>());
    }

    /** Notes that the value of a node may be the array that another node is, or hold it. */
    void join(int node, int other) {
        if (isKept && node != NodeWriter.BROKEN && other != NodeWriter.BROKEN) {
            unite(arrayOf(node), arrayOf(other));
        }
    }

    /** Notes that a name is bound to a node, and no longer to the one {@code before}, which is BROKEN if there was none. */
    void bind(String name, int node, int before, boolean isCopy) {
        if (!isKept) {
            return;
        }
        release(name, before);
        if (node != NodeWriter.BROKEN && isCopy) {
            Copy copy = new Copy(add(), node);
            copies.element().put(name, copy);
            count(copy.array, 1);
            hasScalarArrays |= !writer.mayBeArray(node);
        } else if (node != NodeWriter.BROKEN) {
            hold(node);
        }
        if (copies.size() == 1) {
            read.clear();
        }
    }

    /** Counts a name for a node. If the name may have been made from a copy that was read, it shares the elements of the copy. */
    private void hold(int node) {
        int array = arrayOf(node);
        for (Copy copy : read) {
            if (root(arrayOf(copy.node)) == root(array)) {
                unite(copy.array, array);
            }
        }
        count(array, 1);
    }

    private void release(String name, int node) {
        Copy copy = copies.element().remove(name);
        if (copy != null) {
            count(copy.array, -1);
        } else if (node != NodeWriter.BROKEN) {
            count(arrayOf(node), -1);
        }
    }

    /** Enters the body of a function with these parameters. */
    void enter(Map<String, Integer> parameters) {
        if (isKept) {
            copies.push(new HashMap<>());
            parameters.values().stream().filter(node -> node != NodeWriter.BROKEN).forEach(this::hold);
        }
    }

    /** Leaves a function; its parameters and own names no longer mean these nodes. */
    void leave(Map<String, Integer> locals) {
        if (isKept) {
            locals.forEach(this::release);
            copies.pop();
        }
    }

    /** Notes that a name is read. */
    void read(String name) {
        Copy copy = isKept ? copies.element().get(name) : null;
        if (copy != null && !read.contains(copy)) {
            read.add(copy);
        }
    }

    /** Whether no other name means the array of this name, or a part of it. */
    boolean isAlone(String name, int node) {
        return names.get(root(array(name, node))) <= 1;
    }

    /** Notes that an assignment to a name, which stands at a token and gets a new node, changes the array of all other names of it. */
    void change(String name, int node, int token) {
        changes.set(root(array(name, node)), token);
    }

    /** Where an assignment to another name has changed the array of a name; 0 if none has. */
    int changedAt(String name, int node) {
        return isKept && node != NodeWriter.BROKEN ? changes.get(root(array(name, node))) : 0;
    }

    private int array(String name, int node) {
        Copy copy = copies.element().get(name);
        return copy != null ? copy.array : arrayOf(node);
    }

    /** Whether a scalar may be an array, and so no number, which never changes. */
    boolean hasScalarArrays() {
        return hasScalarArrays;
    }

    private int arrayOf(int node) {
        for (int next = arrayOfNode.size(); next <= node; next++) {
            int array = add();
            arrayOfNode.push(array);
            int whole = writer.wholeOf(next);
            if (whole != NodeWriter.BROKEN) {
                hasScalarArrays |= !writer.mayBeArray(next);
                unite(array, arrayOfNode.get(whole));
            } else if (writer.isInput(next)) {
                count(array, 1);
            }
        }
        return arrayOfNode.get(node);
    }

    private int add() {
        parents.push(parents.size());
        names.push(0);
        changes.push(0);
        return parents.size() - 1;
    }

    private void count(int array, int more) {
        int root = root(array);
        names.set(root, names.get(root) + more);
    }

    private int root(int array) {
        int root = array;
        while (parents.get(root) != root) {
            parents.set(root, parents.get(parents.get(root)));
            root = parents.get(root);
        }
        return root;
    }

    private void unite(int array, int other) {
        int root = root(array);
        int into = root(other);
        if (root != into) {
            parents.set(root, into);
            names.set(into, names.get(into) + names.get(root));
            changes.set(into, Math.max(changes.get(into), changes.get(root)));
        }
    }
}
