package io.chainrule.web.json;

import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.io.IOContext;
import tools.jackson.core.json.ByteSourceJsonBootstrapper;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.sym.ByteQuadsCanonicalizer;

/**
 * Makes parsers that share nothing. By default all parsers share a table of the names that were read, and names of one
 * client that collide in it make the parser fail in the requests of others.
 */
final class IsolatedJsonFactory extends JsonFactory {
    private static final long serialVersionUID = 1L;

    IsolatedJsonFactory() {
        super(builder().disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES));
    }

    /**
     * With the feature off, bytes would be read by Java's decoder, which replaces malformed UTF-8 without a word. So the
     * parser of bytes is kept, with a table that stays empty.
     */
    @Override
    protected JsonParser _createParser(ObjectReadContext readContext, IOContext context, InputStream in) {
        int features = _factoryFeatures | TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES.getMask();
        return new ByteSourceJsonBootstrapper(context, in).constructParser(readContext,
                readContext.getStreamReadFeatures(_streamReadFeatures), readContext.getFormatReadFeatures(_formatReadFeatures),
                EmptyTable.INSTANCE, _rootCharSymbols, features);
    }

    /** Finds no name and keeps none, so that any number of parsers can use it at once. */
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
