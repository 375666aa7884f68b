package io.chainrule.core.kernel.simd;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.ScalarKernels;
import java.util.List;

/** The kernels that this JVM can run; those in the Vector API do not wait until they are compiled. */
public final class KernelSets {
    private KernelSets() {}

    public static List<Kernels> all() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
                ? List.of(new ScalarKernels(), new VectorKernels(false))
                : List.of(new ScalarKernels());
    }
}
