package io.chainrule.service.bulk;

import io.chainrule.core.tensor.SerialForm;

/**
 * The part of a map's state that is not in the files of its draft.
 *
 * @param series what the names of parts begin with
 * @param joined the state of what joins the parts
 */
record MappingState(String series, byte[] joined) {
    private static final int FORM = 0x43_4D_01;

    byte[] toBytes() {
        return SerialForm.written(FORM, out -> {
            out.writeUTF(series);
            SerialForm.write(joined, out);
        });
    }

    static MappingState of(byte[] bytes) {
        return SerialForm.read(bytes, FORM, "results of a map", in -> new MappingState(in.readUTF(), SerialForm.bytes(in)));
    }
}
