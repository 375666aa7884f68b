package io.chainrule.core.fit;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** Sums over elements, in their order. */
final class Vectors {
    private Vectors() {}

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** Adds {@code factor · a} to {@code to}. */
    static void add(double factor, double[] a, double[] to) {
        for (int i = 0; i < a.length; i++) {
            to[i] += factor * a[i];
        }
    }

    /** The largest size of an element. */
    static double largest(double[] a) {
        double largest = 0;
        for (double element : a) {
            largest = Math.max(largest, Math.abs(element));
        }
        return largest;
    }

    static double[] difference(double[] a, double[] b) {
        double[] difference = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return difference;
    }

    /** The Euclidean norm, also where squares are too large for a double. */
    static double norm(double[] a) {
        double squares = dot(a, a);
        double unit = largest(a);
        if (Double.isFinite(squares) || !Double.isFinite(unit)) {
            return Math.sqrt(squares);
        }
        double sum = 0;
        for (double element : a) {
            sum += element / unit * (element / unit);
        }
        return unit * Math.sqrt(sum);
    }

    static void write(double[] numbers, DataOutputStream out) throws IOException {
        for (double number : numbers) {
            out.writeDouble(number);
        }
    }

    /** Fills an array. */
    static void read(double[] numbers, DataInputStream in) throws IOException {
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = in.readDouble();
        }
    }
}
