#include "daemon/web/advice.h"

#include "common/own.h"

#include <string.h>

#define DATA_STAYS_TH "ข้อมูลและประวัติยังอยู่ครบ"
#define DATA_STAYS_EN "Data and history stay. "

static const struct advice advices[] = {
	{ "connecting",
	  NULL,
	  RENEW_NO,
	  { "กำลังนำเข้าสินค้าและคำสั่งซื้อ ไม่ต้องทำอะไรเพิ่ม ปิดหน้านี้ได้ ระบบทำงานต่อเอง",
	    "Products and orders are coming in. Nothing is to be done; you can close this page, "
	    "and "
	    "it goes on by itself." } },
	{ "connected",
	  "token_refused",
	  RENEW_NO,
	  { "TikTok Shop ไม่ให้เข้าถึงชั่วคราว ระบบกำลังต่ออายุการเข้าถึงเอง ไม่ต้องทำอะไร "
	    "หากต้องอนุญาตใหม่ หน้านี้จะบอก",
	    "TikTok Shop does not let us in for the moment. Access is being renewed by itself; "
	    "nothing is to be done. This page will say so if you have to reauthorize." } },
	{ "connected",
	  "refresh_refused",
	  RENEW_MAIN,
	  { "TikTok Shop ยังไม่ต่ออายุการอนุญาต ระบบกำลังลองอีกครั้ง ร้านยังทำงานอยู่ "
	    "เพื่อความแน่นอน โปรดอนุญาตใหม่ " DATA_STAYS_TH,
	    "TikTok Shop does not renew the authorization so far; it is asked again, and the shop "
	    "still works. To be safe, please reauthorize. " DATA_STAYS_EN } },
	{ "connected",
	  NULL,
	  RENEW_LESS,
	  { "ร้านเชื่อมต่ออยู่ ไม่ต้องทำอะไรเพิ่ม", "The shop is connected; nothing is to be done." } },
	{ "expiring",
	  NULL,
	  RENEW_MAIN,
	  { "การอนุญาตใกล้หมดอายุ โปรดอนุญาตใหม่ก่อนวันหมดอายุ งานไม่สะดุด " DATA_STAYS_TH,
	    "The authorization ends soon. Please reauthorize before that day: nothing is "
	    "interrupted. " DATA_STAYS_EN } },
	{ "expired",
	  NULL,
	  RENEW_MAIN,
	  { "การอนุญาตหมดอายุแล้ว คำสั่งซื้อใหม่ยังไม่เข้ามา โปรดอนุญาตใหม่ "
	    "แล้วระบบจะตามเก็บส่วนที่ขาดเอง " DATA_STAYS_TH,
	    "The authorization has expired, and new orders do not come in. Please reauthorize: "
	    "what "
	    "was missed is caught up by itself. " DATA_STAYS_EN } },
	{ "disconnected",
	  "shop_deactivated",
	  RENEW_NO,
	  { "TikTok Shop ปิดการใช้งานร้านนี้ โปรดตรวจสอบและแก้ไขที่ TikTok Seller Center "
	    "ระบบตรวจใหม่ทุกชั่วโมง และทำงานต่อเองเมื่อร้านเปิดแล้ว",
	    "TikTok Shop has deactivated this shop. Please see to it in TikTok Seller Center. We "
	    "look again every hour, and go on by ourselves when the shop is open." } },
	{ "disconnected",
	  "permission_missing",
	  RENEW_MAIN,
	  { "ขาดสิทธิ์ที่จำเป็น โปรดอนุญาตใหม่และอนุญาตสิทธิ์ทุกข้อ " DATA_STAYS_TH,
	    "A permission that is needed is missing. Please reauthorize and allow all "
	    "permissions. " DATA_STAYS_EN } },
	{ "disconnected",
	  "shop_removed",
	  RENEW_MAIN,
	  { "การอนุญาตปัจจุบันไม่รวมร้านนี้แล้ว โปรดอนุญาตใหม่ด้วยบัญชีของร้านนี้ " DATA_STAYS_TH,
	    "The present authorization does not cover this shop any more. Please reauthorize with "
	    "the account of this shop. " DATA_STAYS_EN } },
	{ "disconnected",
	  "disconnected_by_hand",
	  RENEW_MAIN,
	  { "มีผู้สั่งยกเลิกการเชื่อมต่อ คำสั่งซื้อใหม่ไม่เข้ามา หากต้องการเชื่อมต่ออีกครั้ง ให้อนุญาตใหม่ " DATA_STAYS_TH,
	    "The shop was disconnected by hand, and new orders do not come in. To connect it "
	    "again, "
	    "reauthorize. " DATA_STAYS_EN } },
	{ "disconnected",
	  "purging",
	  RENEW_NO,
	  { "กำลังลบข้อมูลของร้านนี้ตามคำขอ โปรดติดต่อผู้ดูแล GoSell หากต้องการเชื่อมต่อใหม่",
	    "The data of this shop is being deleted, as was asked. To connect it anew, please ask "
	    "your GoSell administrator." } },
	{ "disconnected",
	  NULL,
	  RENEW_MAIN,
	  { "การอนุญาตสิ้นสุดแล้ว คำสั่งซื้อใหม่ยังไม่เข้ามา โปรดอนุญาตใหม่ "
	    "แล้วระบบจะตามเก็บส่วนที่ขาดเอง " DATA_STAYS_TH,
	    "The authorization has ended, and new orders do not come in. Please reauthorize: what "
	    "was missed is caught up by itself. " DATA_STAYS_EN } },
	{ "paused",
	  NULL,
	  RENEW_NO,
	  { "ผู้ดูแล GoSell หยุดร้านนี้ไว้ชั่วคราว คำสั่งซื้อใหม่ยังไม่เข้ามา เมื่อเปิดต่อ ระบบจะตามเก็บเอง",
	    "Your GoSell administrator has paused this shop, and new orders do not come in. When "
	    "it "
	    "is resumed, they are caught up by themselves." } },
	{ "plan_suspended",
	  NULL,
	  RENEW_NO,
	  { "แพ็กเกจ GoSell ปัจจุบันไม่รองรับ TikTok Shop คำสั่งซื้อใหม่จึงยังไม่เข้ามา "
	    "โปรดอัปเกรดแพ็กเกจ แล้วระบบจะตามเก็บเอง " DATA_STAYS_TH,
	    "Your present GoSell plan does not carry TikTok Shop, and new orders do not come in. "
	    "Please upgrade: what was missed is caught up by itself. " DATA_STAYS_EN } },
};

static const struct advice other_advice = { NULL,
	                                    NULL,
	                                    RENEW_NO,
	                                    { "โปรดสอบถามผู้ดูแล GoSell ของคุณ",
	                                      "Please ask your GoSell administrator." } };

const struct advice *
advice_for(const char *state, const char *reason)
{
	for (size_t i = 0; i < ARRAY_LEN(advices); i++)
		if (!strcmp(advices[i].state, state) &&
		    (!advices[i].reason || (reason && !strcmp(advices[i].reason, reason))))
			return &advices[i];
	return &other_advice;
}
