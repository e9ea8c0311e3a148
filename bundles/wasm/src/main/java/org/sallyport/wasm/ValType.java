package org.sallyport.wasm;

/** A value type (WebAssembly 3.0, 2.3.6): what a local, an operand or a global holds. Compare with {@code equals}. */
public sealed interface ValType extends StorageType permits NumType, VecType, RefType {

    /**
     * Whether a value of this type has an initial value without an initializer: every type but a non-null reference.
     */
    default boolean isDefaultable() {
        return !(this instanceof RefType ref) || ref.nullable();
    }
}
