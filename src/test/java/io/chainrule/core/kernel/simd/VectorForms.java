package io.chainrule.core.kernel.simd;

import io.chainrule.core.elementary.Exponential;
import io.chainrule.core.elementary.Hyperbolic;
import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.elementary.Logistic;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/** Vector forms beside their scalar forms. Apart from the test, which must load where the module is absent. */
final class VectorForms {
    private static final List<Form> FORMS = List.of(
            new Form("exp", Exponential::exp, VectorExponential::exp),
            new Form("exp2", Exponential::exp2, VectorExponential::exp2),
            new Form("expm1", Exponential::expm1, VectorExponential::expm1),
            new Form("log", Logarithm::log, VectorLogarithm::log),
            new Form("log2", Logarithm::log2, VectorLogarithm::log2),
            new Form("log10", Logarithm::log10, VectorLogarithm::log10),
            new Form("log1p", Logarithm::log1p, VectorLogarithm::log1p),
            new Form("sinh", Hyperbolic::sinh, VectorHyperbolic::sinh),
            new Form("cosh", Hyperbolic::cosh, VectorHyperbolic::cosh),
            new Form("tanh", Hyperbolic::tanh, VectorHyperbolic::tanh),
            new Form("sigmoid", Logistic::sigmoid, VectorLogistic::sigmoid),
            new Form("softplus", Logistic::softplus, VectorLogistic::softplus),
            new Form("logsigmoid", Logistic::logsigmoid, VectorLogistic::logsigmoid));
    private static final List<VectorSpecies<Double>> SPECIES = List.of(DoubleVector.SPECIES_256, DoubleVector.SPECIES_512);

    private VectorForms() {}

    record Form(String name, DoubleUnaryOperator scalar, UnaryOperator<DoubleVector> vector) {}

    static List<String> names() {
        return FORMS.stream().map(Form::name).toList();
    }

    static double scalar(String name, double x) {
        return find(name).scalar.applyAsDouble(x);
    }

    /** The function of each element; the number of bits is that of the vectors. */
    static double[] vector(String name, int bits, double[] x) {
        Form form = find(name);
        VectorSpecies<Double> species = SPECIES.stream().filter(s -> s.vectorBitSize() == bits).findFirst().orElseThrow();
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i += species.length()) {
            form.vector.apply(DoubleVector.fromArray(species, x, i)).intoArray(y, i);
        }
        return y;
    }

    private static Form find(String name) {
        return FORMS.stream().filter(form -> form.name.equals(name)).findFirst().orElseThrow();
    }
}
