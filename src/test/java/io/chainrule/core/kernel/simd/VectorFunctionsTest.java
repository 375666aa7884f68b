package io.chainrule.core.kernel.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainrule.core.elementary.ElementaryArguments;
import io.chainrule.core.elementary.ElementaryFunctions;
import io.chainrule.core.kernel.Kernels.Unary;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The loops over vectors compute the very bits of the functions of one number, also of a NaN, whatever the length of vectors. */
@Isolated
class VectorFunctionsTest {
    private static final int ARGUMENTS = 20_000;
    private static final double UNTOUCHED = 123.456;
    private static final int INLINED_BYTES = 325;
    private static final String PACKAGE = "io.chainrule.core.kernel.simd.";
    private static final MethodType LOOP = MethodType.methodType(int.class, Unary.class, double[].class, int.class, double[].class,
            int.class, int.class);
    /** Where formulas change, and where values become subnormal, infinite, or constant. */
    private static final double[] LANDMARKS = {0x1p-54, 0x1p-28, Math.sqrt(0.5), Math.sqrt(2), 0.34657359027997264, 0.5, Math.PI / 4,
            1.5, Math.PI / 2, 6, 20, 28, 39, 40, 0x1p32, 0x1p53, 708.3964185322641, 709.782712893384, 710, 710.475860073944, 711,
            745.1332191019412, 746, 760, 1022, 1024, 1074, 1075, 1076};

    /** Loads the package once more, since the length of vectors is a constant of it, and never where its module is absent. */
    private static final class Simd extends ClassLoader {
        Simd() {
            super(VectorFunctionsTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(PACKAGE)) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (var stream = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = stream.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        MethodHandle loop() throws ReflectiveOperationException {
            var loops = loadClass(PACKAGE + "VectorElementwise", true).getDeclaredMethod("unary", LOOP.parameterArray());
            loops.setAccessible(true);
            return MethodHandles.lookup().unreflect(loops);
        }
    }

    @ParameterizedTest
    @CsvSource({"256, 4", "512, 8"})
    void each_lane_has_the_bits_of_the_function(int bits, int lanes) throws Throwable {
        assumeTrue(ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent());
        String before = System.setProperty(Species.PROPERTY, Integer.toString(bits));
        try {
            MethodHandle loop = new Simd().loop();
            double[] x = arguments(bits);
            for (Unary op : Unary.values()) {
                check(op, loop, x, lanes);
            }
        } finally {
            if (before == null) {
                System.clearProperty(Species.PROPERTY);
            } else {
                System.setProperty(Species.PROPERTY, before);
            }
        }
    }

    private static double[] arguments(long seed) {
        double[] x = ElementaryArguments.of(-760, 760, LANDMARKS, seed, 2 * ARGUMENTS);
        Random random = new Random(seed);
        Arrays.setAll(x, i -> i % 400 < 200 ? x[i] : ElementaryFunctions.argument(random));
        x[x.length - 1] = Double.longBitsToDouble(0xfff00000deadbeefL);
        return x;
    }

    private static void check(Unary op, MethodHandle loop, double[] x, int lanes) throws Throwable {
        double[] y = new double[x.length];
        assertThat((int) loop.invokeExact(op, x, 0, y, 0, x.length)).isEqualTo(x.length);
        for (int i = 0; i < x.length; i++) {
            assertSame(op, x[i], y[i]);
        }
        for (int size = 0; size < 3 * lanes; size++) {
            double[] part = new double[50];
            Arrays.fill(part, UNTOUCHED);
            int done = (int) loop.invokeExact(op, x, 200, part, 5, size);
            assertThat(done).isEqualTo(size / lanes * lanes);
            for (int i = 0; i < part.length; i++) {
                assertThat(part[i]).isEqualTo(Double.valueOf(i < 5 || i >= 5 + done ? UNTOUCHED : y[i + 195]));
            }
        }
        double[] place = Arrays.copyOf(x, 100 * lanes);
        int done = (int) loop.invokeExact(op, place, 0, place, 0, place.length);
        assertThat(place).isEqualTo(Arrays.copyOf(y, done));
    }

    private static void assertSame(Unary op, double x, double result) {
        double expected = op.function().applyAsDouble(x);
        if (Double.doubleToRawLongBits(result) != Double.doubleToRawLongBits(expected)
                && !(isOneInstruction(op) && Double.isNaN(expected))) {
            assertThat(Double.toHexString(result)).as("%s(%s)", op, x).isEqualTo(Double.toHexString(expected));
            assertThat(Double.doubleToRawLongBits(result)).as("bits of the NaN that %s(%s) is", op, x)
                    .isEqualTo(Double.doubleToRawLongBits(expected));
        }
    }

    /** These leave the bits of a NaN to the processor. */
    private static boolean isOneInstruction(Unary op) {
        return op.compareTo(Unary.RELU) <= 0;
    }

    /** See the package's description: a method that C2 does not inline gets its vectors boxed. */
    @Test
    void methods_of_vectors_are_short_enough_for_inlining() throws IOException {
        for (String type : Set.of("VectorExponential", "VectorHyperbolic", "VectorLogarithm", "VectorLogistic", "VectorCircular",
                "VectorInverseCircular", "VectorErrorFunction", "VectorMish", "VectorRoot")) {
            for (MethodModel method : methods(type)) {
                if (method.methodType().stringValue().contains("DoubleVector")) {
                    assertThat(((CodeAttribute) method.code().orElseThrow()).codeLength())
                            .as("%s.%s", type, method.methodName().stringValue()).isLessThanOrEqualTo(INLINED_BYTES);
                }
            }
        }
    }

    private static Iterable<MethodModel> methods(String type) throws IOException {
        try (InputStream bytes = VectorFunctionsTest.class.getResourceAsStream(type + ".class")) {
            return ClassFile.of().parse(bytes.readAllBytes()).methods();
        }
    }
}
