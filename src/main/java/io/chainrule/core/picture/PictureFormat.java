package io.chainrule.core.picture;

/** What a picture is written as: an image, or text for a program that draws it. */
public enum PictureFormat {
    SVG("image/svg+xml"),
    PNG("image/png"),
    DOT("text/vnd.graphviz"),
    MERMAID("text/vnd.mermaid"),
    TIKZ("text/x-tex");

    private final String mediaType;

    PictureFormat(String mediaType) {
        this.mediaType = mediaType;
    }

    /** Without parameters; all but PNG are text in UTF-8. */
    public String mediaType() {
        return mediaType;
    }
}
