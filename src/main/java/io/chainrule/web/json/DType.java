package io.chainrule.web.json;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Element types of array objects. All are widened to float64 when they are read. */
enum DType {
    FLOAT64(Double.BYTES) {
        @Override
        double get(ByteBuffer buffer, int index) {
            return buffer.getDouble(index * Double.BYTES);
        }

        @Override
        boolean holds(double value) {
            return true;
        }
    },
    FLOAT32(Float.BYTES) {
        @Override
        double get(ByteBuffer buffer, int index) {
            return buffer.getFloat(index * Float.BYTES);
        }

        @Override
        boolean holds(double value) {
            return Double.isInfinite(value) || !Float.isInfinite((float) value);
        }

        @Override
        double round(double value) {
            return (float) value;
        }
    },
    FLOAT16(Short.BYTES) {
        @Override
        double get(ByteBuffer buffer, int index) {
            return Float.float16ToFloat(buffer.getShort(index * Short.BYTES));
        }

        @Override
        boolean holds(double value) {
            return !Double.isFinite(value) || Math.abs(round(value)) <= LARGEST_HALF;
        }

        // In one step: rounding to a float first could round twice.
        @Override
        double round(double value) {
            if (!Double.isFinite(value)) {
                return value;
            }
            double spacing = Math.scalb(1.0, Math.max(Math.getExponent(value), SMALLEST_HALF_EXPONENT) - HALF_FRACTION_BITS);
            return Math.rint(value / spacing) * spacing;
        }
    },
    INT64(Long.BYTES) {
        @Override
        double get(ByteBuffer buffer, int index) {
            return buffer.getLong(index * Long.BYTES);
        }

        @Override
        boolean holds(double value) {
            return value == Math.rint(value) && Math.abs(value) <= 0x1p63;
        }
    },
    INT32(Integer.BYTES) {
        @Override
        double get(ByteBuffer buffer, int index) {
            return buffer.getInt(index * Integer.BYTES);
        }

        @Override
        boolean holds(double value) {
            return value == (int) value;
        }
    },
    INT16(Short.BYTES) {
        @Override
        double get(ByteBuffer buffer, int index) {
            return buffer.getShort(index * Short.BYTES);
        }

        @Override
        boolean holds(double value) {
            return value == (short) value;
        }
    },
    INT8(1) {
        @Override
        double get(ByteBuffer buffer, int index) {
            return buffer.get(index);
        }

        @Override
        boolean holds(double value) {
            return value == (byte) value;
        }
    },
    UINT8(1) {
        @Override
        double get(ByteBuffer buffer, int index) {
            return Byte.toUnsignedInt(buffer.get(index));
        }

        @Override
        boolean holds(double value) {
            return value == ((int) value & 0xFF);
        }
    },
    BOOL(1) {
        @Override
        double get(ByteBuffer buffer, int index) {
            return buffer.get(index) == 0 ? 0 : 1;
        }

        @Override
        boolean holds(double value) {
            return value == 0 || value == 1;
        }
    };

    private static final double LARGEST_HALF = 65_504;
    private static final int SMALLEST_HALF_EXPONENT = -14;
    private static final int HALF_FRACTION_BITS = 10;

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    static Optional<DType> named(String name) {
        return Arrays.stream(values()).filter(type -> type.text().equals(name)).findFirst();
    }

    static List<String> names() {
        return Arrays.stream(values()).map(DType::text).toList();
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    int bytes() {
        return bytes;
    }

    /** Element {@code index} of a buffer of this type. */
    abstract double get(ByteBuffer buffer, int index);

    /** Whether a decimal number is a valid value of this type. */
    abstract boolean holds(double value);

    /** The value of this type that is nearest to a decimal number. */
    double round(double value) {
        return value;
    }
}
