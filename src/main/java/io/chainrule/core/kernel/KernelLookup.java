package io.chainrule.core.kernel;

import java.lang.reflect.InvocationTargetException;

/**
 * Finds the kernels once. The SIMD ones are named, not referenced: without {@code --add-modules jdk.incubator.vector}
 * their class cannot even be loaded.
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
        System.getLogger(KernelLookup.class.getName()).log(System.Logger.Level.INFO, "kernels: {0} ({1})", kernels.name(), reason);
        return kernels;
    }
}
