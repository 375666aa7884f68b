package io.chainrule.core.picture;

/** What a picture is written as. */
public enum PictureFormat {
    SVG
}
