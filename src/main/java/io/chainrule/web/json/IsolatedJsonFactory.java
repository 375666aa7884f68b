package io.chainrule.web.json;

import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.io.IOContext;
import tools.jackson.core.json.ByteSourceJsonBootstrapper;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.sym.ByteQuadsCanonicalizer;

/**
 * Makes parsers that share no state. By default all parsers share a table of the field names that were read, and if names of one client
 * collide in it, the parser can fail in the requests of other clients.
 */
final class IsolatedJsonFactory extends JsonFactory {
    private static final long serialVersionUID = 1L;

    IsolatedJsonFactory() {
        // The limit on a body bounds strings too, and an array in base64 is one string.
        super(builder().disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build()));
    }

    /**
     * Without canonicalized names, Jackson would decode bytes with a Java reader, which silently replaces malformed UTF-8. So the parser
     * for bytes is kept, with a table that stays empty.
     */
    @Override
    protected JsonParser _createParser(ObjectReadContext readContext, IOContext context, InputStream in) {
        return parser(readContext, new ByteSourceJsonBootstrapper(context, in));
    }

    @Override
    protected JsonParser _createParser(ObjectReadContext readContext, IOContext context, byte[] data, int offset, int length) {
        return parser(readContext, new ByteSourceJsonBootstrapper(context, data, offset, length));
    }

    private JsonParser parser(ObjectReadContext readContext, ByteSourceJsonBootstrapper source) {
        int features = _factoryFeatures | TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES.getMask();
        return source.constructParser(readContext, readContext.getStreamReadFeatures(_streamReadFeatures),
                readContext.getFormatReadFeatures(_formatReadFeatures), EmptyTable.INSTANCE, _rootCharSymbols, features);
    }

    /** A table that finds no name and stores none, so that any number of parsers can use it at the same time. */
    private static final class EmptyTable extends ByteQuadsCanonicalizer {
        static final EmptyTable INSTANCE = new EmptyTable();

        private EmptyTable() {
            super(0, 0);
        }

        @Override
        public ByteQuadsCanonicalizer makeChild(int features) {
            return this;
        }

        @Override
        public @Nullable String findName(int quad) {
            return null;
        }

        @Override
        public @Nullable String findName(int first, int second) {
            return null;
        }

        @Override
        public @Nullable String findName(int first, int second, int third) {
            return null;
        }

        @Override
        public @Nullable String findName(int[] quads, int length) {
            return null;
        }

        @Override
        public String addName(String name, int[] quads, int length) {
            return name;
        }
    }
}
