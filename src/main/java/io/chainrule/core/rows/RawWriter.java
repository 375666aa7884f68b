package io.chainrule.core.rows;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Writes the number of each row and its results as binary numbers of 8 bytes each. */
final class RawWriter extends RowWriter {
    private final int[] lengths;
    private final DataOutputStream data;

    RawWriter(List<RowQuantity> quantities, OutputStream out) {
        super(out);
        lengths = quantities.stream().mapToInt(quantity -> quantity.shape().length()).toArray();
        data = new DataOutputStream(this.out);
    }

    @Override
    void write(RowResults results, int row) throws IOException {
        data.writeLong(results.number(row));
        for (int k = 0; k < lengths.length; k++) {
            double[] values = results.values(k);
            for (int i = row * lengths[k]; i < (row + 1) * lengths[k]; i++) {
                data.writeDouble(values[i]);
            }
        }
    }
}
