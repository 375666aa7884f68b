package io.chainrule.web.json;

import io.chainrule.service.program.TypeCatalogue;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** On a component of a record that is a map: fields that the record does not name are the options of a type of this catalogue. */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.FIELD})
public @interface OptionsOf {
    TypeCatalogue value();

    /** The field that chooses the type. */
    String chosenBy() default "type";
}
