package org.sallyport.spi;

/** A table as machine code reaches it: in native memory. */
public interface MachineTable extends ReferenceTable {
    /** Address of the definition that instances point to: {@link VmLayout#TABLE_DEF_SIZE} bytes. */
    long definition();
}
