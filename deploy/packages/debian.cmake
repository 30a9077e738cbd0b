# cpack -G DEB: one package for each component. Libraries are found by dpkg-shlibdeps in what was built.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME wutong)
set(CPACK_PACKAGE_VENDOR "The Wutong project")
set(CPACK_PACKAGE_CONTACT "Wutong maintainers <maintainers@wutong.invalid>")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES TRUE)
set(CPACK_THREADS 0)
set(CPACK_COMPONENTS_ALL server collector ctl simulator profiles)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_SERVER_DESCRIPTION "prepaid electricity metering: business server
 Accounts, sales, tariffs and the ledger; the only process that clients speak to.")
set(CPACK_DEBIAN_COLLECTOR_DESCRIPTION "prepaid electricity metering: collector
 Reads and commands the meters over serial lines and TCP gateways.")
set(CPACK_DEBIAN_CTL_DESCRIPTION "prepaid electricity metering: command line client
 wutongctl does everything that the server offers, for people and for scripts.")
set(CPACK_DEBIAN_SIMULATOR_DESCRIPTION "prepaid electricity metering: a building in a box
 Simulated meters on real buses, fed by measured load curves, with faults on demand.")
set(CPACK_DEBIAN_PROFILES_DESCRIPTION "prepaid electricity metering: meter profiles
 What each meter model can do and where its registers are, as data.")

set(sysusers "systemd | systemd-standalone-sysusers, init-system-helpers")
set(same_version "wutong-profiles (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_SERVER_PACKAGE_DEPENDS "${sysusers}, ${same_version}, postgresql-client-15 | postgresql-client, util-linux")
set(CPACK_DEBIAN_SERVER_PACKAGE_RECOMMENDS "postgresql-15, wutong-collector, wutong-ctl")
set(CPACK_DEBIAN_COLLECTOR_PACKAGE_DEPENDS "${sysusers}, ${same_version}")
set(CPACK_DEBIAN_SIMULATOR_PACKAGE_DEPENDS "${same_version}")
set(CPACK_DEBIAN_PROFILES_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_PROFILES_PACKAGE_SHLIBDEPS OFF)

foreach(component server collector ctl simulator profiles)
  string(TOUPPER ${component} upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME wutong-${component})
endforeach()

# Both daemons are installed, upgraded and removed by the same scripts.
foreach(DAEMON ${WUTONG_DAEMONS})
  string(TOUPPER ${DAEMON} upper)
  set(control "")
  foreach(script postinst prerm postrm conffiles)
    set(made ${CMAKE_CURRENT_BINARY_DIR}/packages/${DAEMON}/${script})
    configure_file(packages/${script}.in ${made} @ONLY FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
                   GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
    list(APPEND control ${made})
  endforeach()
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA "${control}")
endforeach()

include(CPack)
