package io.chainrule.core.elementary;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/** The true values themselves, against mpmath (src/test/resources/elementary/make.py). */
class RealFunctionsTest {
    @ParameterizedTest
    @CsvFileSource(resources = "/elementary/values.csv", numLinesToSkip = 1)
    void agree_with_mpmath(String name, String x, BigDecimal value) {
        ElementaryCase f = ElementaryCase.all().filter(row -> row.name().equals(name)).findFirst().orElseThrow();
        BigDecimal ours = f.reference().apply(Real.of(Double.parseDouble(x))).toDecimal(new MathContext(80));
        BigDecimal tolerance = value.abs().movePointLeft(60);
        assertThat(ours.subtract(value).abs()).as("%s(%s)", name, x).isLessThanOrEqualTo(tolerance);
    }
}
