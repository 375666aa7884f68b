package io.chainrule.core;

import java.util.List;

/** A program, and what is asked of it; still free of shapes. Immutable: each method answers another one. */
public record Transformed(Program program, Signature signature) {

    /** Of another node than the program's output. */
    public Transformed output(String id) {
        return new Transformed(program, signature.withOutput(id));
    }

    /** With the values, and gradients, of these nodes. */
    public Transformed listing(Signature.NodeSelection nodes) {
        return new Transformed(program, signature.withNodes(nodes));
    }

    /** Mapped over a leading axis of these inputs, one result for each sample. */
    public Transformed over(String... inputs) {
        return new Transformed(program, signature.withBatch(new Signature.Batch(List.of(inputs), Signature.Reduction.NONE)));
    }

    /** The sum or mean over a leading axis of these inputs. */
    public Transformed reducedOver(Signature.Reduction reduction, String... inputs) {
        return new Transformed(program, signature.withBatch(new Signature.Batch(List.of(inputs), reduction)));
    }

    /** With gates taken as they are written, opened, or closed. */
    public Transformed gates(Signature.GateForm form) {
        return new Transformed(program, signature.withGates(form));
    }

    /** For inputs of these shapes. Throws as {@link Program#bind}. */
    public BoundProgram bind(Shapes inputs) {
        Signature s = signature;
        return program
                .bind(new Signature(s.transformation(), inputs, s.parameters(), s.missing(), s.output(), s.wrt(), s.nodes(), s.batch(),
                        s.gates(), s.named()), BuildLimits.GENEROUS);
    }

    /** The function for inputs of these shapes. Throws as {@link Program#bind}. */
    public CompiledFunction compile(Shapes inputs) {
        return CompiledFunction.of(bind(inputs), BuildLimits.GENEROUS);
    }
}
