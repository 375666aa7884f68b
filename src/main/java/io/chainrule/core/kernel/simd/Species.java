package io.chainrule.core.kernel.simd;

import io.chainrule.core.kernel.Blocks;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/** The vectors of this machine: the widest that it works on at once, up to the number of lanes of a sum. */
final class Species {
    static final VectorSpecies<Double> OF = DoubleVector.SPECIES_PREFERRED.length() > Blocks.LANES
            ? DoubleVector.SPECIES_512
            : DoubleVector.SPECIES_PREFERRED;
    static final int LENGTH = OF.length();

    private Species() {}
}
