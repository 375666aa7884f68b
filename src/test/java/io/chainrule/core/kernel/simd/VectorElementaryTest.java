package io.chainrule.core.kernel.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainrule.core.elementary.ElementaryArguments;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorElementaryTest {
    private static final int ARGUMENTS = 100_000;
    private static final int INLINED_BYTES = 325;
    private static final double[] LANDMARKS = {0x1p-54, 0x1p-28, Math.sqrt(0.5), Math.sqrt(2), 0.34657359027997264, 0x1p53, 20, 40,
            708.3964185322641,
            709.782712893384, 710, 710.475860073944, 711, 745.1332191019412, 746, 1022, 1024, 1074, 1075, 1076};

    @ParameterizedTest
    @ValueSource(ints = {256, 512})
    void each_lane_has_the_bits_of_the_scalar_form(int bits) {
        assumeTrue(ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent());
        double[] x = ElementaryArguments.of(-760, 760, LANDMARKS, bits, ARGUMENTS);
        x[x.length - 1] = Double.longBitsToDouble(0xfff00000deadbeefL);
        for (String name : VectorForms.names()) {
            double[] y = VectorForms.vector(name, bits, x);
            for (int i = 0; i < x.length; i++) {
                long scalar = Double.doubleToRawLongBits(VectorForms.scalar(name, x[i]));
                if (Double.doubleToRawLongBits(y[i]) != scalar) {
                    assertThat(Double.toHexString(y[i])).as("%s(%s), %d bits", name, x[i], bits)
                            .isEqualTo(Double.toHexString(Double.longBitsToDouble(scalar)));
                    assertThat(Double.doubleToRawLongBits(y[i])).as("bits of the NaN that %s(%s) is", name, x[i]).isEqualTo(scalar);
                }
            }
        }
    }

    /** See the package's description: a method that C2 does not inline gets its vectors boxed. */
    @Test
    void methods_are_short_enough_for_inlining() throws IOException {
        Set<String> boxed = Set.of("softplus", "halfSum");
        for (String type : Set.of("VectorExponential", "VectorHyperbolic", "VectorLogarithm", "VectorLogistic")) {
            for (MethodModel method : methods(type)) {
                int bytes = ((CodeAttribute) method.code().orElseThrow()).codeLength();
                assertThat(bytes <= INLINED_BYTES).as("%s.%s has %d bytes", type, method.methodName().stringValue(), bytes)
                        .isEqualTo(!boxed.contains(method.methodName().stringValue()));
            }
        }
    }

    private static Iterable<MethodModel> methods(String type) throws IOException {
        try (InputStream bytes = VectorElementaryTest.class.getResourceAsStream(type + ".class")) {
            return ClassFile.of().parse(bytes.readAllBytes()).methods();
        }
    }
}
