/** Decodes the binary format. */
module org.sallyport.loader {
    requires org.sallyport.api;

    provides org.sallyport.spi.Loader with org.sallyport.loader.BinaryLoader;
}
