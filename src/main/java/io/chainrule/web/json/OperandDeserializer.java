package io.chainrule.web.json;

/** For operands of a node: ids ({@link String}) and numbers ({@link Double}). */
public final class OperandDeserializer extends ReportingDeserializer<Object> {
    public OperandDeserializer() {
        super(Values::operand, "");
    }
}
