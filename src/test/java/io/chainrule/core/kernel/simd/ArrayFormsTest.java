package io.chainrule.core.kernel.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainrule.core.elementary.ElementaryFunctions;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The loops over arrays compute the very bits of the scalar functions, whatever the length of vectors. */
class ArrayFormsTest {
    private static final int LENGTH = 100_000;
    private static final double UNTOUCHED = 123.456;
    private static final List<List<String>> FORMS = List.of(List.of("VectorCircular", "sin"), List.of("VectorCircular", "cos"),
            List.of("VectorCircular", "tan"), List.of("VectorErrorFunction", "erf"), List.of("VectorErrorFunction", "erfc"),
            List.of("VectorErrorFunction", "phi"), List.of("VectorInverseCircular", "atan"));

    /** Loads the package once more, since the length of vectors is a constant of it, and never where its module is absent. */
    private static final class Simd extends ClassLoader {
        private static final String PACKAGE = "io.chainrule.core.kernel.simd.";

        Simd() {
            super(ArrayFormsTest.class.getClassLoader());
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

        MethodHandle form(String type, String function) throws ReflectiveOperationException {
            return MethodHandles.publicLookup().findStatic(loadClass(PACKAGE + type, true), function,
                    MethodType.methodType(void.class, double[].class, int.class, double[].class, int.class, int.class));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 512})
    void bitsAreThoseOfTheScalarForm(int length) throws Throwable {
        assumeTrue(ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent());
        String before = System.setProperty(VectorLength.PROPERTY, Integer.toString(length));
        try {
            Simd simd = new Simd();
            for (List<String> form : FORMS) {
                check(simd.form(form.get(0), form.get(1)), form.get(1));
            }
        } finally {
            if (before == null) {
                System.clearProperty(VectorLength.PROPERTY);
            } else {
                System.setProperty(VectorLength.PROPERTY, before);
            }
        }
    }

    private static void check(MethodHandle form, String function) throws Throwable {
        DoubleUnaryOperator scalar = ElementaryFunctions.unary(function);
        Random random = new Random(14);
        double[] x = new double[LENGTH];
        Arrays.setAll(x, i -> i % 400 < 200 ? random.nextDouble(-30, 30) : ElementaryFunctions.argument(random));
        double[] y = new double[LENGTH];
        form.invokeExact(x, 0, y, 0, LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            assertSame(y[i], scalar.applyAsDouble(x[i]), function, x[i]);
        }
        for (int size = 0; size < 40; size++) {
            double[] part = new double[50];
            Arrays.fill(part, UNTOUCHED);
            form.invokeExact(x, 200, part, 5, size);
            for (int i = 0; i < part.length; i++) {
                assertSame(part[i], i < 5 || i >= size + 5 ? UNTOUCHED : scalar.applyAsDouble(x[i + 195]), function, x[i + 195]);
            }
        }
        double[] place = Arrays.copyOf(x, 1000);
        form.invokeExact(place, 0, place, 0, 1000);
        assertThat(place).isEqualTo(Arrays.copyOf(y, 1000));
    }

    private static void assertSame(double result, double expected, String function, double x) {
        if (Double.doubleToRawLongBits(result) != Double.doubleToRawLongBits(expected)) {
            fail("%s(%s) is %s, not %s", function, x, result, expected);
        }
    }
}
