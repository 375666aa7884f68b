package io.chainrule.service.run;

/** The memory that JSON takes while it is read, in bytes. */
public final class JsonMemory {
    /** The parser holds two bytes for each character of a text, and its result, be it a text or numbers in base64, holds one more. */
    public static final long FOR_ANY_BYTE = 3;
    /** For each comma, colon and opening bracket. One stands beside each number, which takes 8 bytes in each of three copies. */
    private static final long FOR_A_MARK = 26;
    /** The bytes of memory that the values which were read take, for each byte of the text and for each mark. */
    private static final long KEPT_FOR_ANY_BYTE = 1;
    private static final long KEPT_FOR_A_MARK = 8;

    private JsonMemory() {}

    /** The memory that reading this part of a body takes. */
    public static long of(byte[] json, int from, int length) {
        int marks = 0;
        for (int i = from; i < from + length; i++) {
            if (isMark(json[i])) {
                marks++;
            }
        }
        return memory(length, marks);
    }

    /** The memory that reading a text takes, beside the text itself. */
    public static long of(String json) {
        return memory(json.length(), marks(json));
    }

    /** The memory that what was read of a text takes, beside the text itself, when all has been read. */
    public static long kept(String json) {
        return KEPT_FOR_ANY_BYTE * json.length() + KEPT_FOR_A_MARK * marks(json);
    }

    private static long marks(String json) {
        return json.chars().filter(JsonMemory::isMark).count();
    }

    private static boolean isMark(int at) {
        return at == ',' || at == '[' || at == '{' || at == ':';
    }

    private static long memory(long length, long marks) {
        return FOR_ANY_BYTE * length + FOR_A_MARK * marks;
    }
}
