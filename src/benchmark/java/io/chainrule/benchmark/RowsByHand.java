package io.chainrule.benchmark;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.StringJoiner;
import java.util.stream.IntStream;

/** What a programmer would write for {@link RowsRow}: lines are read and cut at commas, and the gradient is written by hand. */
final class RowsByHand {
    private static final double[] W = {0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8, 0.9, -1};
    private static final double B = 0.05;

    private RowsByHand() {}

    /** Takes a file, and a number of threads. Prints the nanoseconds of a second pass over the file, and the mean gradient. */
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        int threads = Integer.parseInt(arguments[1]);
        sums(file, threads);
        long begin = System.nanoTime();
        double[] sums = sums(file, threads);
        StringJoiner line = new StringJoiner(" ");
        line.add(String.valueOf(System.nanoTime() - begin));
        for (int i = 0; i <= RowsRow.FEATURES; i++) {
            line.add(String.valueOf(sums[i] / sums[RowsRow.FEATURES + 2]));
        }
        IO.println(line);
    }

    /** The sums of the gradient, of the losses, and the number of rows. */
    private static double[] sums(Path file, int threads) throws IOException {
        long[] starts = new long[threads + 1];
        starts[threads] = Files.size(file);
        for (int i = 0; i < threads; i++) {
            starts[i] = lineAfter(file, starts[threads] * i / threads);
        }
        return IntStream.range(0, threads).parallel().mapToObj(i -> sums(file, starts[i], starts[i + 1])).reduce((a, b) -> {
            double[] both = a.clone();
            Arrays.setAll(both, k -> a[k] + b[k]);
            return both;
        }).orElseThrow();
    }

    private static long lineAfter(Path file, long from) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            in.seek(from);
            in.readLine();
            return in.getFilePointer();
        }
    }

    private static double[] sums(Path file, long from, long to) {
        double[] sums = new double[RowsRow.FEATURES + 3];
        double[] x = new double[RowsRow.FEATURES];
        try (FileInputStream in = new FileInputStream(file.toFile())) {
            in.skipNBytes(from);
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1), 1 << 16);
            for (long at = from; at < to;) {
                String line = lines.readLine();
                at += line.length() + 1;
                int begin = 0;
                for (int k = 0; k < x.length; k++) {
                    int end = line.indexOf(',', begin);
                    x[k] = Double.parseDouble(line.substring(begin, end));
                    begin = end + 1;
                }
                add(x, Double.parseDouble(line.substring(begin)), sums);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sums;
    }

    private static void add(double[] x, double y, double[] sums) {
        double z = B;
        for (int k = 0; k < x.length; k++) {
            z += W[k] * x[k];
        }
        double slope = 1 / (1 + Math.exp(-z)) - y;
        for (int k = 0; k < x.length; k++) {
            sums[k] += slope * x[k];
        }
        sums[x.length] += slope;
        sums[x.length + 1] += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - y * z;
        sums[x.length + 2]++;
    }
}
