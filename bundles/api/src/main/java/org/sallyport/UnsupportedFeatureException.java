package org.sallyport;

import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Printable;

/** A valid module that this back end cannot compile. */
public final class UnsupportedFeatureException extends SallyportException {
    private static final long serialVersionUID = 1;

    private final @Nullable Feature feature;
    private final String what;
    private final int offset;

    /**
     * @param feature the proposal that is missing, or null when it is something else
     * @param what the instruction's mnemonic or the construct
     * @param place function index and name, or section
     * @param offset in the module's binary, or -1
     */
    public UnsupportedFeatureException(@Nullable Feature feature, String what, String place, int offset) {
        super(
                "not supported by this back end: " + what + (feature == null ? "" : " (" + feature.text() + ")")
                        + "\n  in " + Printable.text(place, 2 * Printable.NAME)
                        + (offset < 0 ? "" : " at 0x" + Integer.toHexString(offset))
                        + "\n  " + (feature == null ? "Build the module without it." : feature.remedy()),
                null);
        this.feature = feature;
        this.what = what;
        this.offset = offset;
    }

    public @Nullable Feature feature() {
        return feature;
    }

    public String what() {
        return what;
    }

    public int offset() {
        return offset;
    }
}
