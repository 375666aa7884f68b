package io.chainrule.core;

import java.util.List;

/**
 * A program, and what is asked of it; still free of shapes. Immutable: each method answers another one.
 *
 * @param <F> what it compiles to
 */
public final class Transformed<F extends Compiled> {
    private final Program program;
    private final Signature signature;
    private final Class<F> type;

    /** {@code type} is the one that {@link Compiled#of} makes of the signature's transformation. */
    Transformed(Program program, Signature signature, Class<F> type) {
        this.program = program;
        this.signature = signature;
        this.type = type;
    }

    public Program program() {
        return program;
    }

    /** What is asked; it has no shapes yet. */
    public Signature signature() {
        return signature;
    }

    private Transformed<F> with(Signature other) {
        return new Transformed<>(program, other, type);
    }

    /** Of another node than the program's output. */
    public Transformed<F> output(String id) {
        return with(signature.withOutput(id));
    }

    /** With the values, and gradients, of these nodes. */
    public Transformed<F> listing(String... ids) {
        return listing(new Signature.NodeSelection.Ids(List.of(ids)));
    }

    /** With the values, and gradients, of the nodes that are selected. */
    public Transformed<F> listing(Signature.NodeSelection nodes) {
        return with(signature.withNodes(nodes));
    }

    /** Mapped over a leading axis of these inputs, one result for each sample. */
    public Transformed<F> over(String... inputs) {
        return reducedOver(Signature.Reduction.NONE, inputs);
    }

    /** The sum or mean over a leading axis of these inputs. */
    public Transformed<F> reducedOver(Signature.Reduction reduction, String... inputs) {
        return with(signature.withBatch(new Signature.Batch(List.of(inputs), reduction)));
    }

    /** With gates taken as they are written, opened, or closed. */
    public Transformed<F> gates(Signature.GateForm form) {
        return with(signature.withGates(form));
    }

    /** For inputs of these shapes, samples included. Throws as {@link Program#bind}. */
    public BoundProgram bind(Shapes inputs) {
        return program.bind(signature.withInputs(inputs), BuildLimits.GENEROUS);
    }

    /** The function for inputs of these shapes, samples included. Throws as {@link Program#bind}. */
    public F compile(Shapes inputs) {
        return type.cast(Compiled.of(bind(inputs), BuildLimits.GENEROUS));
    }

    @Override
    public String toString() {
        return program + "\n# " + signature.summary();
    }
}
