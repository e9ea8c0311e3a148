package org.sallyport.wasm;

/** A reference type (WebAssembly 3.0, 2.3.5). */
public record RefType(boolean nullable, HeapType heap) implements ValType {

    public static final RefType FUNCREF = new RefType(true, HeapType.Abstract.FUNC);
    public static final RefType EXTERNREF = new RefType(true, HeapType.Abstract.EXTERN);

    public RefType withNullable(boolean nullable) {
        return nullable == this.nullable ? this : new RefType(nullable, heap);
    }

    /** The form of the text format: {@code funcref} where a short form exists, else {@code (ref null? ht)}. */
    @Override
    public String toString() {
        if (nullable && heap instanceof HeapType.Abstract kind) {
            return kind.shorthand;
        }
        return nullable ? "(ref null " + heap + ")" : "(ref " + heap + ")";
    }
}
