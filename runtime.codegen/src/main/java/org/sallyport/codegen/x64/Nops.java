package org.sallyport.codegen.x64;

/** The recommended no-operations of several bytes (SDM vol. 2, NOP, table 4-12). */
final class Nops {
    // @formatter:off
    private static final byte[][] FORMS = {
        {},
        {(byte) 0x90},
        {0x66, (byte) 0x90},
        {0x0F, 0x1F, 0x00},
        {0x0F, 0x1F, 0x40, 0x00},
        {0x0F, 0x1F, 0x44, 0x00, 0x00},
        {0x66, 0x0F, 0x1F, 0x44, 0x00, 0x00},
        {0x0F, 0x1F, (byte) 0x80, 0x00, 0x00, 0x00, 0x00},
        {0x0F, 0x1F, (byte) 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
        {0x66, 0x0F, 0x1F, (byte) 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
    };
    // @formatter:on

    private Nops() {}

    /** Fills {@code n} bytes with as few instructions as the table allows. */
    static void fill(byte[] out, int at, int n) {
        while (n > 0) {
            byte[] form = FORMS[Math.min(n, FORMS.length - 1)];
            System.arraycopy(form, 0, out, at, form.length);
            at += form.length;
            n -= form.length;
        }
    }
}
