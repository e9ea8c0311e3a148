/** The runtime core: puts loader, validator, back end and store together. */
module org.sallyport.engine {
    requires org.sallyport.api;
    requires static jdk.jfr;

    uses org.sallyport.spi.BackEnd;
    uses org.sallyport.spi.InstanceAllocator;
    uses org.sallyport.spi.Loader;
    uses org.sallyport.spi.Validator;

    provides org.sallyport.EngineFactory with org.sallyport.engine.service.PlainEngineFactory;
}
