# Where things go on a system; -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_INSTALL_SYSCONFDIR=/etc for a package.
include(GNUInstallDirs)

set(UNIT_DIR lib/systemd/system CACHE STRING "where unit files go, below the prefix")

if(TARGET ttsyncd)
	install(TARGETS ttsyncd DESTINATION ${CMAKE_INSTALL_SBINDIR})
endif()
if(TARGET ttctl)
	install(TARGETS ttctl DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
if(TARGET ttshop-sandbox)
	install(TARGETS ttshop-sandbox DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(FILES etc/ttsyncd.conf DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/ttsyncd)
install(DIRECTORY etc/json/ DESTINATION ${CMAKE_INSTALL_DATADIR}/ttsyncd/json
	FILES_MATCHING PATTERN "*.schema.json")
install(FILES systemd/ttsyncd.service DESTINATION ${UNIT_DIR})
install(FILES systemd/ttsyncd.sysusers DESTINATION lib/sysusers.d RENAME ttsyncd.conf)
install(FILES systemd/ttsyncd.tmpfiles DESTINATION lib/tmpfiles.d RENAME ttsyncd.conf)
install(FILES daemon/ttsyncd.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES etc/ttsyncd.conf.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ctl/ttctl.1 tests/sandbox/ttshop-sandbox.1
	DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
