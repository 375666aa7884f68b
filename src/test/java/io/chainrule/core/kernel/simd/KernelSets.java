package io.chainrule.core.kernel.simd;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.ScalarKernels;
import java.util.List;
import java.util.stream.IntStream;

/** The kernels that this JVM can run; those in the Vector API do not wait until they are compiled. */
public final class KernelSets {
    private KernelSets() {}

    private static boolean hasVectors() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }

    public static List<Kernels> all() {
        return hasVectors()
                ? List.of(new ScalarKernels(), new VectorKernels(false))
                : List.of(new ScalarKernels());
    }

    /** Has the JVM's kernels run in their vector forms, if there are any, compiled or not, until the result is closed. */
    public static Closing vectorsAtOnce() {
        if (!hasVectors()) {
            return () -> {};
        }
        List<Warmup> all = Examples.all().distinct().toList();
        List<Boolean> before = all.stream().map(warmup -> warmup.choose(true)).toList();
        return () -> IntStream.range(0, all.size()).forEach(i -> all.get(i).choose(before.get(i)));
    }

    /** What ends. */
    public interface Closing extends AutoCloseable {
        @Override
        void close();
    }
}
