package io.chainrule.core;

import java.util.List;

/**
 * A program and a transformation of it, before shapes are known. Immutable: each method returns a new object.
 *
 * @param <F> what it compiles to
 */
public final class Transformed<F extends Compiled> {
    private final Program program;
    private final Signature signature;
    private final Class<F> type;

    /** {@code type} is the class that {@link Compiled#of} returns for the signature's transformation. */
    Transformed(Program program, Signature signature, Class<F> type) {
        this.program = program;
        this.signature = signature;
        this.type = type;
    }

    public Program program() {
        return program;
    }

    /** The signature so far, without shapes. */
    public Signature signature() {
        return signature;
    }

    private Transformed<F> with(Signature other) {
        return new Transformed<>(program, other, type);
    }

    /** Transforms another node than the program's output. */
    public Transformed<F> output(String id) {
        return with(signature.withOutput(id));
    }

    /** Adds the values, and gradients, of these nodes to the results. */
    public Transformed<F> listing(String... ids) {
        return listing(new Signature.NodeSelection.Ids(List.of(ids)));
    }

    /** Adds the values, and gradients, of the selected nodes to the results. */
    public Transformed<F> listing(Signature.NodeSelection nodes) {
        return with(signature.withNodes(nodes));
    }

    /** Maps the function over a leading axis of these inputs, with one result for each sample. */
    public Transformed<F> over(String... inputs) {
        return reducedOver(Signature.Reduction.NONE, inputs);
    }

    /** Sums or averages the function over a leading axis of these inputs. */
    public Transformed<F> reducedOver(Signature.Reduction reduction, String... inputs) {
        return with(signature.withBatch(new Signature.Batch(List.of(inputs), reduction)));
    }

    /** Notes nothing beside the results: runs check nothing, and take less time. */
    public Transformed<F> withoutRemarks() {
        return with(signature.withTransformation(signature.transformation().withoutRemarks()));
    }

    /** Takes gates as they are written, opens them, or closes known circuits into gates. */
    public Transformed<F> gates(Signature.GateForm form) {
        return with(signature.withGates(form));
    }

    /** Binds the program to inputs of these shapes, samples included. Throws the same exceptions as {@link Program#bind}. */
    public BoundProgram bind(Shapes inputs) {
        return program.bind(signature.withInputs(inputs), BuildLimits.GENEROUS);
    }

    /** Compiles the function for inputs of these shapes, samples included. Throws the same exceptions as {@link Program#bind}. */
    public F compile(Shapes inputs) {
        return type.cast(Compiled.of(bind(inputs), BuildLimits.GENEROUS));
    }

    @Override
    public String toString() {
        return program + "\n# " + signature.summary();
    }
}
