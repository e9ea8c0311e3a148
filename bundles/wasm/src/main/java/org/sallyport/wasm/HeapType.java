package org.sallyport.wasm;

import java.util.concurrent.ThreadLocalRandom;

/** What a reference points to (WebAssembly 3.0, 2.3.4). */
public sealed interface HeapType {

    /** The heap types that need no definition. Codes are those of the binary format (5.3.3). */
    enum Abstract implements HeapType {
        // @formatter:off
        NOEXN   (0x74, "noexn",    "nullexnref"),
        NOFUNC  (0x73, "nofunc",   "nullfuncref"),
        NOEXTERN(0x72, "noextern", "nullexternref"),
        NONE    (0x71, "none",     "nullref"),
        FUNC    (0x70, "func",     "funcref"),
        EXTERN  (0x6F, "extern",   "externref"),
        ANY     (0x6E, "any",      "anyref"),
        EQ      (0x6D, "eq",       "eqref"),
        I31     (0x6C, "i31",      "i31ref"),
        STRUCT  (0x6B, "struct",   "structref"),
        ARRAY   (0x6A, "array",    "arrayref"),
        EXN     (0x69, "exn",      "exnref");
        // @formatter:on

        /** The byte of the binary format. */
        public final int code;

        final String text;
        final String shorthand;

        Abstract(int code, String text, String shorthand) {
            this.code = code;
            this.text = text;
            this.shorthand = shorthand;
        }

        /** The short form of the nullable reference, such as {@code funcref}. */
        public String shorthand() {
            return shorthand;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** A type of the module's type section. */
    record Concrete(int typeIndex) implements HeapType {
        private static final int SECRET = ThreadLocalRandom.current().nextInt();

        /** Mixed with a secret of the process, so that nobody can choose types that name types and have equal hash codes. */
        @Override
        public int hashCode() {
            int hash = (typeIndex ^ SECRET) * 0x85EB_CA6B;
            hash = (hash ^ hash >>> 15) * 0xC2B2_AE35;
            return hash ^ hash >>> 13;
        }

        @Override
        public String toString() {
            return Integer.toString(typeIndex);
        }
    }
}
