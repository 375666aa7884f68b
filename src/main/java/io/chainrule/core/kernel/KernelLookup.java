package io.chainrule.core.kernel;

import java.lang.reflect.InvocationTargetException;

/**
 * Chooses the kernels once, when the program starts. Kernels that use the Vector API live in {@code core.kernel.simd}. They are
 * found by name, since a class that refers to the Vector API cannot be loaded without {@code --add-modules jdk.incubator.vector}.
 */
final class KernelLookup {
    static final String SIMD = "io.chainrule.core.kernel.simd.VectorKernels";
    static final String MODULE = "jdk.incubator.vector";
    static final Kernels BEST = find(SIMD);

    private KernelLookup() {}

    static Kernels find(String simdClass) {
        Kernels kernels = new ScalarKernels();
        String reason = "module " + MODULE + " is absent";
        if (ModuleLayer.boot().findModule(MODULE).isPresent()) {
            try {
                kernels = Class.forName(simdClass).asSubclass(Kernels.class).getDeclaredConstructor().newInstance();
                reason = "module " + MODULE + " is present";
            } catch (ClassNotFoundException e) {
                reason = "this build has no SIMD kernels";
            } catch (InstantiationException | IllegalAccessException | NoSuchMethodException | InvocationTargetException | LinkageError e) {
                reason = "the SIMD kernels do not start: " + e;
            }
        }
        System.Logger log = System.getLogger(KernelLookup.class.getName());
        log.log(System.Logger.Level.INFO, "kernels: {0} ({1})", kernels.name(), reason);
        if (!FusedMultiplyAdd.isFast()) {
            log.log(System.Logger.Level.WARNING,
                    "this processor has no fused multiply-add: products and elementary functions take about a thousand times as long");
        }
        return kernels;
    }
}
