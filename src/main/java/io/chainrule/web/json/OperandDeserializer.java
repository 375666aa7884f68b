package io.chainrule.web.json;

/** Reads an operand of a node: an id ({@link String}) or a number ({@link Double}). */
public final class OperandDeserializer extends ReportingDeserializer<Object> {
    public OperandDeserializer() {
        super(Object.class, Values::operand, "");
    }
}
