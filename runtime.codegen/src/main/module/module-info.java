/** Compiles valid functions to machine code. */
module org.sallyport.codegen {
    requires org.sallyport.api;

    provides org.sallyport.spi.BackEnd with
            org.sallyport.codegen.NativeCodeGenerator,
            org.sallyport.codegen.bytecode.BytecodeBackEnd;
    provides org.sallyport.spi.CodeGenerator with org.sallyport.codegen.NativeCodeGenerator;
}
